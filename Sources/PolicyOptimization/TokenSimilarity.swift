/// How alike two completions are, by their tokens.
public enum TokenSimilarity {
  /// 1 - edit distance (Levenshtein) / the longer one's tokens; 1 for two empty ones. Takes time
  /// proportional to the product of the lengths.
  public static func edit(_ left: [Int], _ right: [Int]) -> Double {
    let longer = max(left.count, right.count)
    guard longer > 0 else { return 1 }
    var row = Array(0...right.count)
    for (i, token) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let substituted = diagonal + (token == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
      }
    }
    return 1 - Double(row[right.count]) / Double(longer)
  }

  /// Dice's coefficient of the tokens with their multiplicities: 2 |common| / (|left| + |right|); 1 for
  /// two empty ones. Takes time proportional to the sum of the lengths.
  public static func overlap(_ left: [Int], _ right: [Int]) -> Double {
    guard !left.isEmpty || !right.isEmpty else { return 1 }
    var counts: [Int: Int] = [:]
    for token in left { counts[token, default: 0] += 1 }
    var common = 0
    for token in right {
      guard let count = counts[token], count > 0 else { continue }
      counts[token] = count - 1
      common += 1
    }
    return 2 * Double(common) / Double(left.count + right.count)
  }
}
