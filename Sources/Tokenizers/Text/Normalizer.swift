/// One step of a tokenizer's normalizer: text to text, before it is cut.
enum Normalizer: Sendable {
  case form(NormalizationForm)
  case lowercase
  case replace(pattern: [UInt8], content: [UInt8])
  case replaceMatches(RegularExpression, content: [UInt8])
  case prepend([UInt8])
  case strip(left: Bool, right: Bool)
  case stripAccents
  case bert(BertNormalizer)
  case precompiled(PrecompiledMap)
  /// SentencePiece's clean-up before its own rules.
  case nmt
  /// Every byte's character of the byte alphabet.
  case byteCharacters

  /// Whether the step can take away the beginning of a text.
  var canRemoveText: Bool {
    switch self {
    case .form, .lowercase, .prepend, .byteCharacters: false
    case .replace(_, let content), .replaceMatches(_, let content): content.isEmpty
    case .strip(let left, _): left
    case .stripAccents, .bert, .precompiled, .nmt: true
    }
  }

  /// Normalizes well-formed UTF-8 in place.
  func apply(to bytes: inout [UInt8]) {
    switch self {
    case .form(let form):
      if let changed = form.apply(to: bytes) { bytes = changed }
    case .lowercase: bytes = Self.lowercased(bytes)
    case .replace(let pattern, let content):
      if let changed = Self.replaced(bytes, pattern, by: content) { bytes = changed }
    case .prepend(let content):
      if !bytes.isEmpty { bytes.insert(contentsOf: content, at: 0) }
    case .strip(let left, let right): Self.strip(&bytes, left: left, right: right)
    case .stripAccents: bytes = Self.removing(.combining, from: bytes)
    case .bert(let bert): bytes = bert.apply(to: bytes)
    case .replaceMatches(let expression, let content):
      bytes = Self.replacedMatches(bytes, of: expression, by: content)
    case .precompiled(let map): bytes = map.apply(to: bytes)
    case .nmt: bytes = Self.cleaned(bytes)
    case .byteCharacters:
      var characters: [UInt8] = []
      bytes.withUnsafeBytes { ByteAlphabet.append($0, to: &characters) }
      bytes = characters
    }
  }

  /// Every scalar's own lower-case mapping, whatever stands around it.
  static func lowercased(_ bytes: [UInt8]) -> [UInt8] {
    mapScalars(bytes) { scalar, result in
      if scalar < 0x80 {
        let isCapital = scalar >= 0x41 && scalar <= 0x5A
        result.append(UInt8(truncatingIfNeeded: isCapital ? scalar | 0x20 : scalar))
      } else if let value = Unicode.Scalar(scalar) {
        result.append(contentsOf: value.properties.lowercaseMapping.utf8)
      }
    }
  }

  static func removing(_ classes: UnicodeClasses, from bytes: [UInt8]) -> [UInt8] {
    let table = UnicodeClassTable.shared
    return mapScalars(bytes) { scalar, result in
      if table[scalar].isDisjoint(with: classes) { UTF8Scalars.append(scalar, to: &result) }
    }
  }

  /// Replaces every scalar by what `map` appends for it.
  static func mapScalars(
    _ bytes: [UInt8], _ map: (UInt32, inout [UInt8]) -> Void
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
        map(scalar, &result)
        position += length
      }
    }
    return result
  }

  /// The text with every occurrence of a string that is not empty replaced, `nil` if it has none.
  static func replaced(_ bytes: [UInt8], _ pattern: [UInt8], by content: [UInt8]) -> [UInt8]? {
    guard let first = pattern.first, bytes.contains(first) else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 2)
    var position = 0
    while position < bytes.count {
      let end = position + pattern.count
      if bytes[position] == first, end <= bytes.count,
        bytes[position..<end].elementsEqual(pattern)
      {
        result.append(contentsOf: content)
        position = end
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    return result
  }

  static func replacedMatches(
    _ bytes: [UInt8], of expression: RegularExpression, by content: [UInt8]
  ) -> [UInt8] {
    var result: [UInt8] = []
    var end = 0
    bytes.withUnsafeBufferPointer { buffer in
      expression.forEachMatch(in: buffer, 0..<buffer.count) { match in
        result.append(contentsOf: buffer[end..<match.lowerBound])
        result.append(contentsOf: content)
        end = match.upperBound
      }
    }
    if end == 0 { return bytes }
    result.append(contentsOf: bytes[end...])
    return result
  }

  /// `Nmt`: control characters go, unusual spaces become spaces.
  private static func cleaned(_ bytes: [UInt8]) -> [UInt8] {
    mapScalars(bytes) { scalar, result in
      switch scalar {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: break
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        result.append(0x20)
      default: UTF8Scalars.append(scalar, to: &result)
      }
    }
  }

  private static func strip(_ bytes: inout [UInt8], left: Bool, right: Bool) {
    let table = UnicodeClassTable.shared
    let kept = bytes.withUnsafeBufferPointer { bytes -> Range<Int> in
      var start = 0
      var end = bytes.count
      while left, start < end {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: start)
        guard table[scalar].contains(.whitespace) else { break }
        start += length
      }
      while right, start < end {
        let last = UTF8Scalars.start(before: end, in: bytes)
        guard table[UTF8Scalars.decode(bytes, at: last).scalar].contains(.whitespace) else { break }
        end = last
      }
      return start..<end
    }
    if kept.count < bytes.count { bytes = Array(bytes[kept]) }
  }
}

/// BERT's clean-up, as `BertNormalizer` of `tokenizer.json` names its parts.
struct BertNormalizer: Sendable {
  var cleanText: Bool
  var handleChineseCharacters: Bool
  var stripAccents: Bool
  var lowercase: Bool

  func apply(to bytes: [UInt8]) -> [UInt8] {
    let table = UnicodeClassTable.shared
    var bytes = bytes
    if cleanText {
      bytes = Normalizer.mapScalars(bytes) { scalar, result in
        let classes = table[scalar]
        if classes.contains(.bertControl) { return }
        UTF8Scalars.append(classes.contains(.whitespace) ? 0x20 : scalar, to: &result)
      }
    }
    if handleChineseCharacters {
      bytes = Normalizer.mapScalars(bytes) { scalar, result in
        let isIdeograph = Self.isChinese(scalar)
        if isIdeograph { result.append(0x20) }
        UTF8Scalars.append(scalar, to: &result)
        if isIdeograph { result.append(0x20) }
      }
    }
    if stripAccents {
      bytes = NormalizationForm.nfd.apply(to: bytes) ?? bytes
      bytes = Normalizer.removing(.bertAccent, from: bytes)
    }
    return lowercase ? Normalizer.lowercased(bytes) : bytes
  }

  /// The blocks that BERT's own `tokenization.py` takes for Chinese, with the gap that the
  /// reference implementation has between 2B81F and 2B920.
  private static func isChinese(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
      0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}
