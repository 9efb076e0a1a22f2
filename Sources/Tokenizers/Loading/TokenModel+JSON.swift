extension TokenModel {
  /// Reads `model` of a `tokenizer.json`.
  ///
  /// - Parameter wordsAreBytes: whether words come in characters of the byte alphabet.
  /// - Returns: the model and whether it takes the bytes themselves in place of those.
  static func load(
    _ json: JSONValue, wordsAreBytes: Bool
  ) throws -> (model: TokenModel, takesBytes: Bool) {
    switch try type(json) {
    case "BPE":
      let model = try BytePairModel(json, wordsAreBytes: wordsAreBytes)
      return (.bytePair(model), !model.byteIDs.isEmpty)
    case "Unigram": return (.unigram(try UnigramModel(json)), false)
    case "WordLevel":
      let vocabulary = try vocabulary(json)
      let unknown = try requiredID(json, "unk_token", in: vocabulary)
      return (.wordLevel(WordLevelModel(vocabulary: vocabulary, unknownID: unknown)), false)
    case "WordPiece":
      let vocabulary = try vocabulary(json)
      // The defaults of the reference implementation, which are BERT's.
      let model = WordPieceModel(
        vocabulary: vocabulary, unknownID: try requiredID(json, "unk_token", in: vocabulary),
        continuingPrefix: try json.optional("continuing_subword_prefix")?.utf8()
          ?? Array("##".utf8),
        maximumWordLength: try json.optional("max_input_chars_per_word")?.count() ?? 100)
      return (.wordPiece(model), false)
    case let other:
      throw TokenizerError.unsupported(
        file: json.document.name, key: "\(json.path).type", found: "\"\(other)\"",
        supported: "\"BPE\", \"Unigram\", \"WordLevel\", \"WordPiece\"")
    }
  }

  /// The model's type; older files leave it to the keys.
  private static func type(_ json: JSONValue) throws -> String {
    if let type = try json.optional("type") { return try type.string() }
    if try json.optional("merges") != nil { return "BPE" }
    if try json.optional("unk_id") != nil { return "Unigram" }
    return try json.optional("max_input_chars_per_word") != nil ? "WordPiece" : "WordLevel"
  }

  fileprivate static func vocabulary(_ json: JSONValue) throws -> Vocabulary {
    try Vocabulary(json.required("vocab", expected: "an object of tokens and their ids"))
  }

  private static func requiredID(
    _ json: JSONValue, _ key: String, in vocabulary: Vocabulary
  ) throws -> Int {
    let value = try json.required(key, expected: "the token of unknown words")
    let token = try value.string()
    guard let id = vocabulary.id(of: token) else {
      throw value.inconsistent("\"\(token)\" is not in model.vocab")
    }
    return id
  }
}

extension BytePairModel {
  init(_ json: JSONValue, wordsAreBytes: Bool) throws {
    if let dropout = try json.optional("dropout"), !["0", "0.0"].contains(dropout.summary) {
      throw dropout.unsupported("null, which leaves no merge out")
    }
    vocabulary = try TokenModel.vocabulary(json)
    continuingPrefix = try json.optional("continuing_subword_prefix")?.utf8() ?? []
    endOfWordSuffix = try json.optional("end_of_word_suffix")?.utf8() ?? []
    fusesUnknown = try json.optional("fuse_unk")?.bool() ?? false
    ignoresMerges = try json.optional("ignore_merges")?.bool() ?? false
    let list = try json.required("merges", expected: "an array of pairs")
    merges = try MergeTable(list, vocabulary, continuingPrefix: continuingPrefix)
    if try json.optional("byte_fallback")?.bool() ?? false {
      fallbackIDs = vocabulary.byteFallbackIDs
    }
    if wordsAreBytes, continuingPrefix.isEmpty, endOfWordSuffix.isEmpty {
      let ids = (0..<256).map { byte in
        var character: [UInt8] = []
        UTF8Scalars.append(ByteAlphabet.scalarOfByte[byte], to: &character)
        return vocabulary.id(of: character)
      }
      if ids.allSatisfy({ $0 >= 0 }) { byteIDs = ids }
    }
    try setUnknown(json)
  }

  private mutating func setUnknown(_ json: JSONValue) throws {
    guard let value = try json.optional("unk_token") else { return }
    unknownID = try vocabulary.id(of: value.utf8())
    let isNeverNeeded =
      !byteIDs.isEmpty || !fallbackIDs.isEmpty && fallbackIDs.allSatisfy { $0 >= 0 }
    if unknownID < 0, !isNeverNeeded {
      throw value.inconsistent("\"\(try value.string())\" is not in model.vocab")
    }
  }
}

extension MergeTable {
  /// Reads `["a b", ...]` or `[["a", "b"], ...]`; the place in the list is the rank.
  init(_ json: JSONValue, _ vocabulary: Vocabulary, continuingPrefix: [UInt8]) throws {
    guard json.kind == .array else { throw json.wrong("an array of pairs") }
    let document = json.document
    let end = Int(document.nodes[json.index].next)
    self.init(capacity: end - json.index)
    // "left right", then the joined token; reused from merge to merge.
    var text: [UInt8] = []
    var rank = 0
    var child = json.index + 1
    while child < end {
      text.removeAll(keepingCapacity: true)
      let leftEnd = Self.appendPair(at: child, of: document, to: &text)
      guard let leftEnd else {
        let value = JSONValue(document: document, index: child, path: "\(json.path)[\(rank)]")
        throw value.wrong("two tokens with a space between, or an array of two tokens")
      }
      let rightStart = leftEnd + 1
      func id(_ range: Range<Int>) throws -> Int32 {
        let id = text.withUnsafeBytes {
          vocabulary.id(of: UnsafeRawBufferPointer(rebasing: $0[range]))
        }
        guard id >= 0 else {
          let token = String(decoding: text[range], as: UTF8.self)
          throw TokenizerError.inconsistent(
            file: document.name, key: "\(json.path)[\(rank)]",
            problem: "\"\(token)\" is not in model.vocab")
        }
        return id
      }
      let left = try id(0..<leftEnd)
      let right = try id(rightStart..<text.count)
      let dropped =
        text[rightStart...].starts(with: continuingPrefix) ? continuingPrefix.count : 0
      text.removeSubrange(leftEnd..<rightStart + dropped)
      insert(left, right, Merge(rank: Int32(rank), id: try id(0..<text.count)))
      rank += 1
      child = Int(document.nodes[child].next)
    }
  }

  /// Appends "left right" and gives the place of the space, `nil` if the value is no pair.
  private static func appendPair(
    at index: Int, of document: JSONDocument, to text: inout [UInt8]
  ) -> Int? {
    let space = UInt8(ascii: " ")
    let node = document.nodes[index]
    func isString(_ index: Int) -> Bool {
      document.nodes[index].kind == .string || document.nodes[index].kind == .escapedString
    }
    if isString(index) {
      document.appendUTF8(ofString: index, to: &text)
      guard let place = text.firstIndex(of: space), !text[(place + 1)...].contains(space) else {
        return nil
      }
      return place
    }
    guard node.kind == .array, Int(node.next) == index + 3, isString(index + 1),
      isString(index + 2)
    else { return nil }
    document.appendUTF8(ofString: index + 1, to: &text)
    let place = text.count
    text.append(space)
    document.appendUTF8(ofString: index + 2, to: &text)
    return place
  }
}
