/// The Unicode normalization forms (UAX #15) as the reference implementation has them.
enum NormalizationForm: String, CaseIterable, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  private var composes: Bool { self == .nfc || self == .nfkc }
  private var isCompatible: Bool { self == .nfkc || self == .nfkd }

  /// The normalized text of well-formed UTF-8, `nil` where it is the same.
  func apply(to bytes: [UInt8]) -> [UInt8]? {
    guard mayChange(bytes) else { return nil }
    var scalars = decomposed(bytes)
    if composes { Self.compose(&scalars) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 4)
    for scalar in scalars { UTF8Scalars.append(scalar, to: &result) }
    return result
  }

  /// Whether the text may change at all, seen without table of decompositions.
  private func mayChange(_ bytes: [UInt8]) -> Bool {
    // ASCII is the same in every form.
    guard self == .nfc else { return bytes.contains { $0 >= 0x80 } }
    let table = UnicodeClassTable.shared
    return bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        // Below U+0300, which 0xCC leads, nothing composes.
        if bytes[position] < 0xCC {
          position += 1
          continue
        }
        let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
        if table[scalar].contains(.compositionMayChange) { return true }
        position += length
      }
      return false
    }
  }

  /// The full decomposition in canonical order.
  private func decomposed(_ bytes: [UInt8]) -> [UInt32] {
    let table = NormalizationTable.shared
    var scalars: [UInt32] = []
    scalars.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
        if scalar < 0x80 {
          scalars.append(scalar)
        } else {
          table.appendDecomposition(of: scalar, compatibly: isCompatible, to: &scalars)
        }
        position += length
      }
    }
    Self.reorder(&scalars)
    return scalars
  }

  /// Puts every run of scalars that are no starters in the order of their classes, equal ones as
  /// they stand.
  private static func reorder(_ scalars: inout [UInt32]) {
    let table = NormalizationTable.shared
    var marks: [(order: UInt8, scalar: UInt32)] = []
    func flush(before end: Int) {
      guard marks.count > 1 else { return marks.removeAll(keepingCapacity: true) }
      // Swift's sort is stable.
      marks.sort { $0.order < $1.order }
      for (offset, mark) in marks.enumerated() { scalars[end - marks.count + offset] = mark.scalar }
      marks.removeAll(keepingCapacity: true)
    }
    for index in scalars.indices {
      let scalar = scalars[index]
      let order = scalar < 0x300 ? 0 : table.combiningClass(of: scalar)
      if order == 0 { flush(before: index) } else { marks.append((order, scalar)) }
    }
    flush(before: scalars.count)
  }

  /// Canonical composition of ordered scalars.
  private static func compose(_ scalars: inout [UInt32]) {
    let table = NormalizationTable.shared
    var kept = 0
    /// Where in the result the last starter is.
    var starter: Int?
    var lastOrder: UInt8 = 0
    for index in scalars.indices {
      let scalar = scalars[index]
      let order = scalar < 0x300 ? 0 : table.combiningClass(of: scalar)
      if let place = starter, place == kept - 1 || lastOrder < order,
        let composite = table.composite(scalars[place], scalar)
      {
        scalars[place] = composite
        continue
      }
      if order == 0 { starter = kept }
      lastOrder = order
      scalars[kept] = scalar
      kept += 1
    }
    scalars.removeLast(scalars.count - kept)
  }
}
