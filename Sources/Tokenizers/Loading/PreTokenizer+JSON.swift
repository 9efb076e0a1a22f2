extension PreTokenizer {
  /// Reads `pre_tokenizer`, sequences flattened.
  static func steps(_ json: JSONValue) throws -> [PreTokenizer] {
    let (name, type) = try json.type()
    switch name {
    case "Sequence":
      let list = try json.required("pretokenizers", expected: "an array of pre-tokenizers")
      return try list.elements().flatMap(steps)
    case "ByteLevel":
      var steps: [PreTokenizer] = []
      if try json.optional("add_prefix_space")?.bool() ?? true { steps.append(.prefixSpace) }
      if try json.optional("use_regex")?.bool() ?? true { steps.append(.words(.gpt2)) }
      return steps + [.byteCharacters]
    case "Split": return [try split(json)]
    case "Digits":
      let isIndividual = try json.optional("individual_digits")?.bool() ?? false
      return [.classes(.numeric, isIndividual ? .isolated : .contiguous)]
    case "Whitespace": return [.wordsAndSymbols]
    case "WhitespaceSplit": return [.classes(.whitespace, .removed)]
    case "Metaspace": return [.metaspace(try Metaspace(json))]
    case "BertPreTokenizer":
      return [.classes(.whitespace, .removed), .classes(.punctuation, .isolated)]
    case "Punctuation":
      let behavior = try json.optional("behavior")?.choice(SplitBehavior.self)
      return [.classes(.punctuation, behavior ?? .isolated)]
    case "CharDelimiterSplit":
      let delimiter = try json.required("delimiter", expected: "one character").scalar()
      return [.literal(Array(String(delimiter).utf8), .removed, inverted: false)]
    default:
      throw type.unsupported(
        "Sequence, ByteLevel, Split, Digits, Whitespace, WhitespaceSplit, Metaspace, "
          + "BertPreTokenizer, Punctuation, CharDelimiterSplit")
    }
  }

  private static func split(_ json: JSONValue) throws -> PreTokenizer {
    let pattern = try json.required("pattern", expected: "\"String\" or \"Regex\"")
    let behavior = try json.required("behavior", expected: "what becomes of a match")
    let choice = try behavior.choice(SplitBehavior.self)
    let inverted = try json.optional("invert")?.bool() ?? false
    guard let expression = try pattern.optional("Regex") else {
      return .literal(try pattern.literalPattern(), choice, inverted: inverted)
    }
    if let literal = try expression.literalExpression() {
      return .literal(literal, choice, inverted: inverted)
    }
    let words = WordPattern(expression: try expression.string())
    // These expressions match everything, so that the words are the same either way.
    guard let words, choice == .isolated || choice == .removed && inverted else {
      return .expression(try expression.expression(), choice, inverted: inverted)
    }
    return .words(words)
  }
}

extension Metaspace {
  init(_ json: JSONValue) throws {
    let scalar = try json.required("replacement", expected: "one character").scalar()
    replacement = Array(String(scalar).utf8)
    split = try json.optional("split")?.bool() ?? true
    prependScheme = try Self.scheme(json)
  }

  /// `prepend_scheme`, or what older files say with `add_prefix_space`.
  static func scheme(_ json: JSONValue) throws -> PrependScheme {
    let older = try json.optional("add_prefix_space")
    guard let value = try json.optional("prepend_scheme") else {
      return try older?.bool() ?? true ? .always : .never
    }
    let scheme = try value.choice(PrependScheme.self)
    if let older, try older.bool() == false, scheme != .never {
      throw value.inconsistent("\"\(scheme.rawValue)\" contradicts add_prefix_space false")
    }
    return scheme
  }
}
