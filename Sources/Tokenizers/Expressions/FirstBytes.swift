/// The bytes that a match can begin with.
struct FirstBytes: Equatable, Sendable {
  private var bits = SIMD4<UInt64>()

  static let all = FirstBytes(bits: SIMD4(repeating: ~0))

  private init(bits: SIMD4<UInt64>) { self.bits = bits }

  /// Of the UTF-8 of a set's scalars.
  init(_ set: ScalarSet) {
    for range in set.ranges {
      // The first byte grows with the scalar.
      for byte in Self.first(range.lowerBound)...Self.first(range.upperBound - 1) {
        bits[Int(byte) / 64] |= 1 << UInt64(byte % 64)
      }
    }
  }

  /// Of a part of an expression, `nil` if it can match without consuming text.
  init?(_ syntax: ExpressionSyntax) {
    switch syntax {
    case .empty, .look: return nil
    case .set(let set): self.init(set)
    case .sequence(let parts):
      self.init(bits: SIMD4())
      for part in parts {
        formUnion(Self.maximal(part))
        if !part.isNullable { return }
      }
      return nil
    case .alternatives(let branches):
      self.init(bits: SIMD4())
      for branch in branches {
        guard let first = FirstBytes(branch) else { return nil }
        formUnion(first)
      }
    case .repetition(let body, let count):
      guard count.minimum > 0 else { return nil }
      self.init(body)
    case .atomic(let body): self.init(body)
    }
  }

  /// What can come first if the part consumes text at all.
  private static func maximal(_ syntax: ExpressionSyntax) -> FirstBytes {
    switch syntax {
    case .empty, .look: FirstBytes(bits: SIMD4())
    case .set(let set): FirstBytes(set)
    case .sequence(let parts):
      FirstBytes(syntax)
        ?? parts.reduce(into: FirstBytes(bits: SIMD4())) { $0.formUnion(maximal($1)) }
    case .alternatives(let branches):
      branches.reduce(into: FirstBytes(bits: SIMD4())) { $0.formUnion(maximal($1)) }
    case .repetition(let body, _), .atomic(let body): maximal(body)
    }
  }

  private mutating func formUnion(_ other: FirstBytes) { bits |= other.bits }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool { bits[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

  private static func first(_ scalar: UInt32) -> UInt8 {
    var utf8: [UInt8] = []
    UTF8Scalars.append(scalar, to: &utf8)
    return utf8[0]
  }
}
