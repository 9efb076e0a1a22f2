/// A whole number that is not negative, in limbs of 32 bits, the lowest first, none of them zero at the end.
struct Magnitude: Hashable, Sendable {
  private(set) var limbs: [UInt32]

  init(_ value: UInt) {
    limbs = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
    trim()
  }

  private init(_ limbs: [UInt32]) {
    self.limbs = limbs
    trim()
  }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }

  /// The number in one word, when it fits.
  var word: UInt? {
    guard limbs.count <= 2 else { return nil }
    return limbs.reversed().reduce(0) { $0 << 32 | UInt($1) }
  }

  var bitWidth: Int {
    guard let last = limbs.last else { return 0 }
    return limbs.count * 32 - last.leadingZeroBitCount
  }

  static func < (left: Magnitude, right: Magnitude) -> Bool {
    if left.limbs.count != right.limbs.count { return left.limbs.count < right.limbs.count }
    return left.limbs.reversed().lexicographicallyPrecedes(right.limbs.reversed())
  }

  func adding(_ other: Magnitude) -> Magnitude {
    var sum: [UInt32] = []
    sum.reserveCapacity(max(limbs.count, other.limbs.count) + 1)
    var carry: UInt64 = 0
    for index in 0..<max(limbs.count, other.limbs.count) {
      carry += UInt64(index < limbs.count ? limbs[index] : 0)
      carry += UInt64(index < other.limbs.count ? other.limbs[index] : 0)
      sum.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    sum.append(UInt32(carry))
    return Magnitude(sum)
  }

  /// The difference; `other` is not larger.
  func subtracting(_ other: Magnitude) -> Magnitude {
    var difference = limbs
    var borrow: Int64 = 0
    for index in limbs.indices {
      var digit = Int64(limbs[index]) - borrow
      if index < other.limbs.count { digit -= Int64(other.limbs[index]) }
      borrow = digit < 0 ? 1 : 0
      difference[index] = UInt32(truncatingIfNeeded: digit)
    }
    return Magnitude(difference)
  }

  func multiplied(by other: Magnitude) -> Magnitude {
    guard !limbs.isEmpty, !other.limbs.isEmpty else { return Magnitude(0) }
    var product = [UInt32](repeating: 0, count: limbs.count + other.limbs.count)
    for (i, a) in limbs.enumerated() {
      var carry: UInt64 = 0
      for (j, b) in other.limbs.enumerated() {
        carry += UInt64(a) * UInt64(b) + UInt64(product[i + j])
        product[i + j] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      product[i + other.limbs.count] = UInt32(carry)
    }
    return Magnitude(product)
  }

  /// Multiplies by a word and adds another.
  mutating func multiply(by factor: UInt32, adding term: UInt32) {
    var carry = UInt64(term)
    for index in limbs.indices {
      carry += UInt64(limbs[index]) * UInt64(factor)
      limbs[index] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry > 0 { limbs.append(UInt32(carry)) }
  }

  /// Quotient and remainder of a division by a word that is not zero.
  private func divided(by divisor: UInt32) -> (quotient: Magnitude, remainder: UInt32) {
    var quotient = limbs
    var rest: UInt64 = 0
    for index in limbs.indices.reversed() {
      rest = rest << 32 | UInt64(limbs[index])
      quotient[index] = UInt32(rest / UInt64(divisor))
      rest %= UInt64(divisor)
    }
    return (Magnitude(quotient), UInt32(rest))
  }

  /// Quotient and remainder; `divisor` is not zero (Knuth, The Art of Computer Programming, volume 2, 4.3.1,
  /// algorithm D).
  func divided(by divisor: Magnitude) -> (quotient: Magnitude, remainder: Magnitude) {
    if self < divisor { return (Magnitude(0), self) }
    if divisor.limbs.count == 1 {
      let (quotient, remainder) = divided(by: divisor.limbs[0])
      return (quotient, Magnitude(UInt(remainder)))
    }
    let shift = divisor.limbs[divisor.limbs.count - 1].leadingZeroBitCount
    let bottom = divisor.shiftedLeft(by: shift, length: divisor.limbs.count)
    var top = shiftedLeft(by: shift, length: limbs.count + 1)
    let count = bottom.count
    var quotient = [UInt32](repeating: 0, count: top.count - count)
    for position in quotient.indices.reversed() {
      let lead = UInt64(top[position + count]) << 32 | UInt64(top[position + count - 1])
      var digit = lead / UInt64(bottom[count - 1])
      var rest = lead % UInt64(bottom[count - 1])
      while digit >> 32 != 0
        || digit * UInt64(bottom[count - 2]) > rest << 32 | UInt64(top[position + count - 2])
      {
        digit -= 1
        rest += UInt64(bottom[count - 1])
        if rest >> 32 != 0 { break }
      }
      var carry: UInt64 = 0
      var borrow: Int64 = 0
      for index in 0..<count {
        carry += digit * UInt64(bottom[index])
        let difference =
          Int64(top[position + index]) - Int64(carry & 0xFFFF_FFFF) - borrow
        top[position + index] = UInt32(truncatingIfNeeded: difference)
        borrow = difference < 0 ? 1 : 0
        carry >>= 32
      }
      let last = Int64(top[position + count]) - Int64(carry) - borrow
      top[position + count] = UInt32(truncatingIfNeeded: last)
      if last < 0 {
        // The digit was one too large, which is rare.
        digit -= 1
        var sum: UInt64 = 0
        for index in 0..<count {
          sum += UInt64(top[position + index]) + UInt64(bottom[index])
          top[position + index] = UInt32(truncatingIfNeeded: sum)
          sum >>= 32
        }
        top[position + count] = UInt32(truncatingIfNeeded: UInt64(top[position + count]) + sum)
      }
      quotient[position] = UInt32(digit)
    }
    return (Magnitude(quotient), Magnitude(Self.shiftedRight(top, by: shift)))
  }

  /// The limbs shifted left by less than a limb, padded to `length`.
  private func shiftedLeft(by bits: Int, length: Int) -> [UInt32] {
    var shifted: [UInt32] = []
    var carry: UInt64 = 0
    for limb in limbs {
      carry |= UInt64(limb) << UInt64(bits)
      shifted.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    if shifted.count < length { shifted.append(UInt32(carry)) }
    return shifted
  }

  private static func shiftedRight(_ limbs: [UInt32], by bits: Int) -> [UInt32] {
    var shifted = limbs
    var carry: UInt64 = 0
    for index in limbs.indices.reversed() {
      carry = carry << 32 | UInt64(limbs[index])
      shifted[index] = UInt32(truncatingIfNeeded: carry >> UInt64(bits))
    }
    return shifted
  }

  /// Decimal digits.
  var decimal: String {
    let chunk: UInt32 = 1_000_000_000
    var parts: [String] = []
    var rest = self
    while !rest.limbs.isEmpty {
      let (quotient, remainder) = rest.divided(by: chunk)
      let digits = "\(remainder)"
      parts.append(
        quotient.limbs.isEmpty
          ? digits : String(repeating: "0", count: 9 - digits.utf8.count) + digits)
      rest = quotient
    }
    return parts.isEmpty ? "0" : parts.reversed().joined()
  }
}
