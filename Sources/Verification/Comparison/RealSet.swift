/// A set of real numbers made of finitely many intervals and points.
struct RealSet: Equatable {
  /// One interval, or a point when both ends are the same and closed.
  struct Piece: Equatable {
    var low: Double
    var lowClosed: Bool
    var high: Double
    var highClosed: Bool

    var isEmpty: Bool { low > high || (low == high && !(lowClosed && highClosed)) }
  }

  /// In order, neither overlapping nor touching.
  private(set) var pieces: [Piece]

  static let reals = RealSet([
    Piece(low: -.infinity, lowClosed: false, high: .infinity, highClosed: false)
  ])
  static let empty = RealSet([])

  /// Pieces in any order.
  init(_ pieces: [Piece]) {
    let sorted = pieces.filter { !$0.isEmpty }.sorted {
      ($0.low, $0.lowClosed ? 0 : 1) < ($1.low, $1.lowClosed ? 0 : 1)
    }
    var merged: [Piece] = []
    for piece in sorted {
      guard let last = merged.last else {
        merged.append(piece)
        continue
      }
      let touches =
        piece.low < last.high || (piece.low == last.high && (piece.lowClosed || last.highClosed))
      guard touches else {
        merged.append(piece)
        continue
      }
      if piece.high > last.high {
        merged[merged.count - 1].high = piece.high
        merged[merged.count - 1].highClosed = piece.highClosed
      } else if piece.high == last.high {
        merged[merged.count - 1].highClosed = last.highClosed || piece.highClosed
      }
    }
    self.pieces = merged
  }

  static func point(_ value: Double) -> RealSet {
    RealSet([Piece(low: value, lowClosed: true, high: value, highClosed: true)])
  }

  func union(_ other: RealSet) -> RealSet { RealSet(pieces + other.pieces) }

  var complement: RealSet {
    var result: [Piece] = []
    var low = -Double.infinity
    var lowClosed = false
    for piece in pieces {
      result.append(
        Piece(low: low, lowClosed: lowClosed, high: piece.low, highClosed: !piece.lowClosed))
      low = piece.high
      lowClosed = !piece.highClosed
    }
    if low < .infinity {
      result.append(Piece(low: low, lowClosed: lowClosed, high: .infinity, highClosed: false))
    }
    return RealSet(
      result.map { piece in
        var piece = piece
        if piece.low == -.infinity { piece.lowClosed = false }
        if piece.high == .infinity { piece.highClosed = false }
        return piece
      })
  }

  func intersection(_ other: RealSet) -> RealSet {
    complement.union(other.complement).complement
  }

  /// Whether the ends agree within rounding.
  func isEqual(to other: RealSet) -> Bool {
    guard pieces.count == other.pieces.count else { return false }
    return zip(pieces, other.pieces).allSatisfy { a, b in
      a.lowClosed == b.lowClosed && a.highClosed == b.highClosed && Self.isNear(a.low, b.low)
        && Self.isNear(a.high, b.high)
    }
  }

  /// Far above the rounding of a few operations, far below any difference that is meant.
  static func isNear(_ a: Double, _ b: Double) -> Bool {
    a == b || a.isFinite && b.isFinite && abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))
  }

  /// Ends that differ by rounding alone are made the same.
  static func snapped(_ value: Double, to values: inout [Double]) -> Double {
    if let known = values.first(where: { isNear($0, value) }) { return known }
    values.append(value)
    return value
  }
}
