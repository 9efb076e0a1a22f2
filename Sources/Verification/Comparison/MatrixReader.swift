/// Works out sums and products of matrices with written entries.
struct MatrixReader {
  let work: Work

  private static let largestSide = 16
  /// Nodes of an entry with unknowns in it.
  private static let largestEntry = 1000

  /// The entries, at least one; nil for what is no matrix.
  func matrix(_ expression: Expression) throws(VerificationFailure) -> [[Expression]]? {
    try work.spend()
    switch expression {
    case .matrix(let rows):
      guard let first = rows.first, !first.isEmpty, rows.count <= Self.largestSide,
        first.count <= Self.largestSide
      else { return nil }
      return rows
    case .sum(let terms):
      var sum: [[Expression]]?
      for term in terms {
        guard let next = try matrix(term) else { return nil }
        guard let last = sum else {
          sum = next
          continue
        }
        guard last.count == next.count, last[0].count == next[0].count else { return nil }
        sum = zip(last, next).map { zip($0, $1).map { Expression.sum([$0, $1]) } }
      }
      return sum
    case .product(let factors):
      var product: [[Expression]]?
      var scalars: [Expression] = []
      for factor in factors {
        if factor.isMatrix {
          guard let next = try matrix(factor) else { return nil }
          guard let last = product else {
            product = next
            continue
          }
          guard let multiplied = try multiplied(last, next) else { return nil }
          product = multiplied
        } else {
          scalars.append(factor)
        }
      }
      guard let product else { return nil }
      return scalars.isEmpty ? product : product.map { $0.map { .product(scalars + [$0]) } }
    case .power(let base, .number(let exponent)):
      guard let base = try matrix(base), let count = exponent.int, (1...8).contains(count) else {
        return nil
      }
      var result = base
      for _ in 1..<count {
        guard let next = try multiplied(result, base) else { return nil }
        result = next
      }
      return result
    default: return nil
    }
  }

  private func multiplied(
    _ left: [[Expression]], _ right: [[Expression]]
  ) throws(VerificationFailure) -> [[Expression]]? {
    guard left[0].count == right.count else { return nil }
    try work.spend(left.count * right.count * right[0].count)
    var product: [[Expression]] = []
    for row in left {
      var entries: [Expression] = []
      for column in right[0].indices {
        let entry = Expression.sum(row.indices.map { .product([row[$0], right[$0][column]]) })
        // Entries that stay symbolic would grow with every further factor.
        if let value = (try? Fraction(entry, AtomTable(), work))?.constant {
          entries.append(.number(value))
        } else if entry.nodeCount(upTo: Self.largestEntry) < Self.largestEntry {
          entries.append(entry)
        } else {
          return nil
        }
      }
      product.append(entries)
    }
    return product
  }
}
