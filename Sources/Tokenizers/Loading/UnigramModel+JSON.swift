extension UnigramModel {
  /// Reads `{"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ...]}`.
  init(_ json: JSONValue) throws {
    for sampling in ["alpha", "nbest_size"] {
      if let value = try json.optional(sampling) {
        throw value.unsupported("null: no way to cut a text is drawn at random")
      }
    }
    let list = try json.required("vocab", expected: "an array of tokens and their scores")
    let (vocabulary, scores) = try Vocabulary.scored(list)
    guard let unknown = try json.optional("unk_id") else {
      throw TokenizerError.unsupported(
        file: json.document.name, key: "\(json.path).unk_id", found: "null",
        supported: "the place of the token of unknown characters in vocab")
    }
    let unknownID = try unknown.count()
    guard unknownID < vocabulary.count else {
      throw unknown.inconsistent("vocab has only \(vocabulary.count) tokens")
    }
    let fallsBack = try json.optional("byte_fallback")?.bool() ?? false
    self.init(
      vocabulary: vocabulary, scores: scores, unknownID: unknownID,
      fallbackIDs: fallsBack ? vocabulary.byteFallbackIDs : [])
  }
}

extension Vocabulary {
  /// Per byte the id of its token `<0x00>` to `<0xFF>`, -1 where there is none.
  var byteFallbackIDs: [Int32] {
    (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return id(of: Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8))
    }
  }

  /// Reads `[["<unk>", 0.0], ...]`: the place in the list is the id.
  fileprivate static func scored(
    _ list: JSONValue
  ) throws -> (vocabulary: Vocabulary, scores: [Double]) {
    guard list.kind == .array else {
      throw list.wrong("an array of tokens and their scores")
    }
    let document = list.document
    let end = Int(document.nodes[list.index].next)
    var vocabulary = Vocabulary(capacity: (end - list.index) / 3)
    var scores: [Double] = []
    var child = list.index + 1
    while child < end {
      let value = JSONValue(
        document: document, index: child, path: "\(list.path)[\(scores.count)]")
      guard value.kind == .array, Int(document.nodes[child].next) == child + 3,
        value.inside(1).isString
      else { throw value.wrong("a token and its score") }
      guard scores.count <= Vocabulary.maximumID else {
        throw list.inconsistent("it has more than \(Vocabulary.maximumID + 1) tokens")
      }
      scores.append(try value.inside(2).double())
      try vocabulary.append(ofString: child + 1, id: scores.count - 1, list)
      child = Int(document.nodes[child].next)
    }
    return (vocabulary, scores)
  }
}

extension JSONValue {
  /// The value so many nodes inside this one.
  fileprivate func inside(_ distance: Int) -> JSONValue {
    JSONValue(document: document, index: index + distance, path: "\(path)[\(distance - 1)]")
  }

  /// A number as the reference implementation's JSON reader (serde_json without
  /// `float_roundtrip`) rounds it: the digits as a whole number, then one multiplication or
  /// division by a power of ten. It can differ from the nearest number in the last bit, and with
  /// it which of two nearly equal ways to cut a text is likelier.
  func double() throws -> Double {
    guard kind == .number else { throw wrong("a number") }
    var significand: UInt64 = 0
    var exponent = 0
    var isNegative = false
    var isFraction = false
    var isFull = false
    var digits = source
    if digits.first == UInt8(ascii: "-") {
      isNegative = true
      digits = digits.dropFirst()
    }
    while let byte = digits.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
      digits = digits.dropFirst()
      guard byte != UInt8(ascii: ".") else {
        isFraction = true
        continue
      }
      let (product, overflows) = significand.multipliedReportingOverflow(by: 10)
      let (sum, exceeds) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      // Digits that no longer fit are dropped.
      isFull = isFull || overflows || exceeds
      if !isFull { significand = sum }
      if isFraction != isFull { exponent += isFraction ? -1 : 1 }
    }
    if !digits.isEmpty {
      guard let power = Int(String(decoding: digits.dropFirst(), as: UTF8.self)),
        abs(power) < 1_000_000
      else { throw wrong("a number of the size of log-probabilities") }
      exponent += power
    }
    let value = Self.scaled(Double(significand), exponent)
    guard value.isFinite else { throw wrong("a number of the size of log-probabilities") }
    return isNegative ? -value : value
  }

  private static func scaled(_ significand: Double, _ exponent: Int) -> Double {
    /// The largest power of ten that a `Double` holds.
    let largest = 308
    var value = significand
    var exponent = exponent
    while exponent < -largest, value != 0 {
      value /= 1e308
      exponent += largest
    }
    guard value != 0 else { return 0 }
    guard exponent <= largest, let power = Double("1e\(abs(exponent))") else { return .infinity }
    return exponent < 0 ? value / power : value * power
  }
}
