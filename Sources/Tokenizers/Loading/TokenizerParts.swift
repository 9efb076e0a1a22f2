/// Everything a tokenizer is made of, as its files say it.
struct TokenizerParts {
  var model: TokenModel
  var normalizers: [Normalizer]
  var preTokenizers: [PreTokenizer]
  var postProcessor: PostProcessor
  var decoderSteps: [DecoderStep]
  var addedTokens: AddedTokens
  var bosTokenID: Int?
  var eosTokenID: Int?
  var padTokenID: Int?

  /// Reads a `tokenizer.json`.
  init(_ json: JSONValue) throws {
    normalizers = try json.optional("normalizer").map(Normalizer.steps) ?? []
    preTokenizers = try json.optional("pre_tokenizer").map(PreTokenizer.steps) ?? []
    postProcessor = try json.optional("post_processor").map(PostProcessor.init) ?? .init()
    decoderSteps = try json.optional("decoder").map(DecoderStep.steps) ?? [.spaces]
    let modelValue = try json.required("model", expected: "an object")
    let yieldsBytes =
      if case .byteCharacters? = preTokenizers.last { true } else { false }
    let loaded = try TokenModel.load(modelValue, wordsAreBytes: yieldsBytes)
    model = loaded.model
    // The model takes the bytes themselves and needs no characters for them.
    if loaded.takesBytes { preTokenizers.removeLast() }
    addedTokens = AddedTokens()
    for token in try json.optional("added_tokens")?.elements() ?? [] {
      try add(token, id: token.required("id", expected: "the token's id"))
    }
    try refuseUncertainStart(json)
  }

  /// Adds a token from its description.
  ///
  /// - Throws: `TokenizerError.inconsistent` if the id is not the one that the reference
  ///   implementation would give it.
  mutating func add(_ json: JSONValue, id idValue: JSONValue) throws {
    try add(AddedToken(json, id: idValue.count()), at: idValue)
  }

  mutating func add(_ token: AddedToken, at place: JSONValue) throws {
    guard token.id <= Vocabulary.maximumID else {
      throw place.wrong("an id from 0 to \(Vocabulary.maximumID)")
    }
    let utf8 = Array(token.content.utf8)
    guard !utf8.isEmpty else { throw place.inconsistent("an added token has no content") }
    guard addedTokens.token(content: utf8) == nil else {
      throw place.inconsistent("the added token \"\(token.content)\" stands twice")
    }
    let known = Int(model.vocabulary.id(of: utf8))
    let expected =
      known >= 0 ? known : addedTokens.nextID(vocabularyCount: model.vocabulary.count)
    guard token.id == expected, addedTokens.token(id: expected) == nil else {
      let reason = known >= 0 ? "its id in model.vocab" : "the next free id"
      throw place.inconsistent(
        "the added token \"\(token.content)\" has the id \(token.id), but \(reason) is \(expected)")
    }
    if known < 0, let other = model.vocabulary.token(of: expected) {
      throw place.inconsistent(
        "the added token \"\(token.content)\" has the id \(expected) of \"\(other)\"")
    }
    addedTokens.append(token)
  }

  /// The reference implementation tells the beginning of the text by offsets into the text as
  /// given. Steps that cut, remove or add text before `Metaspace` make several pieces begin there,
  /// or none; that is not followed here.
  private func refuseUncertainStart(_ json: JSONValue) throws {
    let place = preTokenizers.firstIndex {
      if case .metaspace(let metaspace) = $0 { metaspace.prependScheme == .first } else { false }
    }
    guard let place, let value = try json.optional("pre_tokenizer") else { return }
    let keepsStart =
      normalizers.isEmpty
      || !normalizers.contains(where: \.canRemoveText)
        && !addedTokens.all.contains(where: \.normalized)
    guard place > 0 || !keepsStart else { return }
    throw TokenizerError.unsupported(
      file: value.document.name, key: value.path,
      found: "Metaspace with prepend_scheme \"first\" after steps that move the text's beginning",
      supported: "prepend_scheme \"always\" or \"never\"")
  }
}

extension AddedToken {
  /// Reads `{"content": ..., "special": ..., ...}`.
  init(_ json: JSONValue, id: Int) throws {
    func flag(_ key: String) throws -> Bool? { try json.optional(key)?.bool() }
    content = try json.required("content", expected: "the token's text").string()
    self.id = id
    singleWord = try flag("single_word") ?? false
    leftStrip = try flag("lstrip") ?? false
    rightStrip = try flag("rstrip") ?? false
    special = try flag("special") ?? false
    normalized = try flag("normalized") ?? !special
  }
}
