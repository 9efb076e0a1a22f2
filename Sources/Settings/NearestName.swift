/// The name in `names` that takes the fewest single-character edits from `name` (Levenshtein
/// distance), the first of equals; nil when there are none.
public func nearestName(to name: String, in names: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased().unicodeScalars)
  return names.map { candidate in
    (candidate, editDistance(wanted, Array(candidate.lowercased().unicodeScalars)))
  }.min { $0.1 < $1.1 }?.0
}

private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let substituted = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}
