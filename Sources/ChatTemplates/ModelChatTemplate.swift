import Foundation
import Tokenizers

/// The chat templates of a model folder with the special tokens that they use.
public struct ModelChatTemplate: Sendable {
  /// The template of a conversation.
  public let standard: ChatTemplate
  /// The template of a conversation with tools, where the folder has one of its own (`tool_use`).
  public let toolUse: ChatTemplate?
  /// `bos_token`, `eos_token` and the others that the folder names.
  public let specialTokens: [TemplateValue.Member]

  /// A template with the special tokens that it may ask for.
  public init(
    _ template: ChatTemplate, toolUse: ChatTemplate? = nil,
    specialTokens: [TemplateValue.Member] = []
  ) {
    standard = template
    self.toolUse = toolUse
    self.specialTokens = specialTokens
  }

  /// The template of a model folder, from `chat_template.jinja` or else from the member
  /// `chat_template` of `tokenizer_config.json`, as transformers looks for it; nil if there is none.
  ///
  /// - Throws: `TemplateError` for a faulty template, `TokenizerError` for a faulty
  ///   `tokenizer_config.json` or `special_tokens_map.json`.
  public init?(folder: URL) throws {
    let configuration = try Self.json(folder, "tokenizer_config.json")
    let tokens = try Self.specialTokens(ofFolder: folder)
    let file = folder.appending(path: "chat_template.jinja")
    if FileManager.default.fileExists(atPath: file.path) {
      self.init(try ChatTemplate(file: file), specialTokens: tokens)
      return
    }
    guard let configuration else { return nil }
    let name = folder.appending(path: "tokenizer_config.json").path
    try self.init(configuration: configuration, name: name, specialTokens: tokens)
  }

  /// The template at a path: of a model folder, of a `tokenizer_config.json`, or a file that is one.
  ///
  /// - Throws: `TemplateError` or `TokenizerError`, also where there is no template.
  public init(at path: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path.path, isDirectory: &isFolder) else {
      throw TokenizerError.unreadable(
        file: path.path, reason: "there is no such file or folder")
    }
    if !isFolder.boolValue, path.pathExtension != "json" {
      self.init(try ChatTemplate(file: path))
      return
    }
    let found: ModelChatTemplate?
    if isFolder.boolValue {
      found = try ModelChatTemplate(folder: path)
    } else {
      let json = try Self.json(path)
      found = try ModelChatTemplate(
        configuration: json, name: path.path, specialTokens: Self.specialTokens([json]))
    }
    guard let found else {
      throw TokenizerError.missingKey(
        file: path.path, key: "chat_template",
        expected: "one in tokenizer_config.json, or the file chat_template.jinja beside it")
    }
    self = found
  }

  /// The template of a `tokenizer_config.json`; nil if it has none.
  private init?(
    configuration: TemplateValue, name: String, specialTokens tokens: [TemplateValue.Member]
  ) throws {
    switch configuration["chat_template"] {
    case nil, .null?: return nil
    case .string(let text)?:
      self.init(
        try ChatTemplate(text, name: "\(name): chat_template"), specialTokens: tokens)
    case .array(let entries)?:
      let templates = try Self.named(entries, in: name)
      guard let standard = templates["default"] else {
        throw TokenizerError.missingKey(
          file: name, key: "chat_template",
          expected: "a template called default among \(templates.keys.sorted())")
      }
      self.init(standard, toolUse: templates["tool_use"], specialTokens: tokens)
    case let other?:
      throw TokenizerError.wrongValue(
        file: name, key: "chat_template", found: other.kind,
        expected: "a template or an array of named templates")
    }
  }

  private static func named(
    _ entries: [TemplateValue], in file: String
  ) throws -> [String: ChatTemplate] {
    var templates: [String: ChatTemplate] = [:]
    for (place, entry) in entries.enumerated() {
      guard case .string(let name)? = entry["name"], case .string(let text)? = entry["template"]
      else {
        throw TokenizerError.wrongValue(
          file: file, key: "chat_template[\(place)]", found: entry.kind,
          expected: "{\"name\": ..., \"template\": ...}")
      }
      // A template that is not used may be one that cannot be read.
      guard name == "default" || name == "tool_use" else { continue }
      templates[name] = try ChatTemplate(text, name: "\(file): chat_template \(name)")
    }
    return templates
  }

  private static func json(_ folder: URL, _ name: String) throws -> TemplateValue? {
    let file = folder.appending(path: name)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return try json(file)
  }

  /// The members of a configuration file that count here. Others are left alone: `model_max_length` is
  /// often a number beyond 64 bits.
  private static func json(_ file: URL) throws -> TemplateValue {
    let tree = try JSONTree(parsing: Array(read(file)), name: file.path)
    guard case .object(let members) = tree else {
      throw TokenizerError.wrongValue(
        file: file.path, key: "the outermost value", found: try TemplateValue(tree).kind,
        expected: "an object")
    }
    let wanted = members.filter { tokenNames.contains($0.key) || $0.key == "chat_template" }
    return .object(try wanted.map { .init($0.key, try TemplateValue($0.value)) })
  }

  fileprivate static func read(_ file: URL) throws -> Data {
    do {
      return try Data(contentsOf: file)
    } catch {
      throw TokenizerError.unreadable(file: file.path, reason: error.localizedDescription)
    }
  }

  /// The names of the special tokens that templates see.
  private static let tokenNames = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  /// The special tokens that `tokenizer_config.json` and `special_tokens_map.json` of a folder name.
  ///
  /// - Throws: `TokenizerError` for a file that is not JSON.
  public static func specialTokens(ofFolder folder: URL) throws -> [TemplateValue.Member] {
    specialTokens(
      try ["tokenizer_config.json", "special_tokens_map.json"].compactMap { name in
        try json(folder, name)
      })
  }

  /// The special tokens that the files name; of a name that several give the first counts.
  private static func specialTokens(_ files: [TemplateValue]) -> [TemplateValue.Member] {
    tokenNames.compactMap { name in
      files.lazy.compactMap { file -> TemplateValue.Member? in
        switch file[name] {
        case .string(let text)?: .init(name, .string(text))
        case let token?: token["content"].map { .init(name, $0) }
        case nil: nil
        }
      }.first
    }
  }

  /// The text that the model reads.
  ///
  /// - Throws: `TemplateError` with the line and column of the operation that failed, and for a final
  ///   message that cannot be continued.
  public func render(
    _ conversation: Conversation, clock: LocalTime = .now()
  ) throws(TemplateError) -> String {
    let template = conversation.tools == nil ? standard : toolUse ?? standard
    let messages = conversation.preparedMessages
    guard let member = conversation.continuedMember else {
      return try template.render(
        conversation.templateVariables(messages, specialTokens: specialTokens), clock: clock)
    }
    let continuation = try Continuation(messages, member: member, template: template)
    return try continuation.cut(
      template.render(
        conversation.templateVariables(continuation.messages, specialTokens: specialTokens),
        clock: clock))
  }
}

extension ChatTemplate {
  /// Reads a file with a template.
  ///
  /// - Throws: `TemplateError` for what is no template, `TokenizerError` for what cannot be read.
  public init(file: URL) throws {
    let data = try ModelChatTemplate.read(file)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw TokenizerError.unreadable(file: file.path, reason: "it is not UTF-8")
    }
    try self.init(text, name: file.path)
  }
}
