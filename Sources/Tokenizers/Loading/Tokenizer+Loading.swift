import Foundation

extension Tokenizer {
  /// Loads the tokenizer of a Hugging Face model folder: `tokenizer.json`, and if they are there
  /// `tokenizer_config.json` and `special_tokens_map.json` for the special tokens' names and for
  /// added tokens that `tokenizer.json` lacks.
  ///
  /// - Throws: `TokenizerError`.
  public convenience init(folder: URL) throws {
    let file = folder.appendingPathComponent("tokenizer.json")
    let json = try JSONDocument(Self.read(file), name: file.path).root
    var parts = try TokenizerParts(json)
    let companions = try ["tokenizer_config.json", "special_tokens_map.json"].compactMap { name in
      let file = folder.appendingPathComponent(name)
      return FileManager.default.fileExists(atPath: file.path)
        ? try JSONDocument(Self.read(file), name: file.path).root : nil
    }
    try parts.readSpecialTokens(companions)
    self.init(parts)
  }

  /// Loads a `tokenizer.json` alone; it does not say which tokens begin, end or pad a text.
  ///
  /// - Throws: `TokenizerError`.
  public convenience init(file: URL) throws {
    self.init(try TokenizerParts(JSONDocument(Self.read(file), name: file.path).root))
  }

  /// Loads the text of a `tokenizer.json`.
  ///
  /// - Parameter name: what errors call it.
  /// - Throws: `TokenizerError`.
  public convenience init(json: Data, name: String) throws {
    self.init(try TokenizerParts(JSONDocument(Array(json), name: name).root))
  }

  private static func read(_ file: URL) throws -> [UInt8] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) else {
      let hint = file.lastPathComponent == "tokenizer.json" ? " (a tokenizer.json is needed)" : ""
      throw TokenizerError.unreadable(file: file.path, reason: "there is no such file\(hint)")
    }
    guard !isFolder.boolValue else {
      throw TokenizerError.unreadable(file: file.path, reason: "it is a folder")
    }
    do {
      return Array(try Data(contentsOf: file))
    } catch {
      throw TokenizerError.unreadable(file: file.path, reason: error.localizedDescription)
    }
  }
}

extension TokenizerParts {
  /// The names under which the companions list special tokens; the last is a list.
  private static let specialTokenKeys = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    "additional_special_tokens",
  ]

  /// Reads what `tokenizer_config.json` and `special_tokens_map.json` say of added and special
  /// tokens; of a name that both give the first counts.
  mutating func readSpecialTokens(_ companions: [JSONValue]) throws {
    for companion in companions {
      guard let listed = try companion.optional("added_tokens_decoder") else { continue }
      try addListedTokens(listed)
    }
    for key in Self.specialTokenKeys {
      guard let value = try companions.lazy.compactMap({ try $0.optional(key) }).first else {
        continue
      }
      if value.kind == .array {
        for element in try value.elements() { _ = try specialTokenID(element) }
        continue
      }
      let id = try specialTokenID(value)
      switch key {
      case "bos_token": bosTokenID = id
      case "eos_token": eosTokenID = id
      case "pad_token": padTokenID = id
      default: break
      }
    }
  }

  /// Adds the tokens of `{"151643": {"content": ...}, ...}` that are not there yet.
  private mutating func addListedTokens(_ listed: JSONValue) throws {
    var entries: [(id: Int, value: JSONValue)] = []
    for (key, value) in try listed.members() {
      guard let id = Int(key), id >= 0 else { throw value.inconsistent("the key is not an id") }
      entries.append((id, value))
    }
    for (id, value) in entries.sorted(by: { $0.id < $1.id }) {
      let token = try AddedToken(value, id: id)
      if let present = addedTokens.token(content: Array(token.content.utf8)) {
        guard present.id == id else {
          throw value.inconsistent(
            "\"\(token.content)\" has the id \(present.id) in tokenizer.json")
        }
      } else {
        try add(token, at: value)
      }
    }
  }

  /// The id of a special token given as its text or as an object with `content`. A token of the
  /// vocabulary becomes an added, special token by this.
  private mutating func specialTokenID(_ value: JSONValue) throws -> Int {
    let content = value.isString ? value : try value.required("content", expected: "a token")
    let text = try content.string()
    if let present = addedTokens.token(content: Array(text.utf8)) { return present.id }
    guard let id = model.vocabulary.id(of: text) else {
      throw content.inconsistent(
        "\"\(text)\" is neither in model.vocab nor in added_tokens of tokenizer.json")
    }
    var token = AddedToken(content: text, id: id, special: true)
    if !value.isString {
      token = try AddedToken(value, id: id)
      token.special = true
    }
    try add(token, at: content)
    return id
  }
}
