/// A conversation with what else a chat template may be told.
public struct Conversation: Sendable, Hashable {
  /// The messages, objects with `role` and mostly `content`.
  public var messages: [TemplateValue]
  /// Tools as JSON schemas; nil where there are none.
  public var tools: [TemplateValue]?
  /// Documents to answer from; nil where there are none.
  public var documents: [TemplateValue]?
  /// Whether the text is to end where the model's answer begins.
  public var addsGenerationPrompt: Bool
  /// The member of the last message that the model is to go on with, mostly `content`: the text ends where
  /// it ends. nil where the model begins a message of its own.
  public var continuedMember: String?
  /// Variables of the template's own, such as `enable_thinking`.
  public var variables: [TemplateValue.Member]

  /// A conversation.
  public init(
    messages: [TemplateValue], tools: [TemplateValue]? = nil, documents: [TemplateValue]? = nil,
    addsGenerationPrompt: Bool = false, variables: [TemplateValue.Member] = []
  ) {
    self.messages = messages
    self.tools = tools
    self.documents = documents
    self.addsGenerationPrompt = addsGenerationPrompt
    self.variables = variables
  }

  /// A question of the user.
  public init(question: String, addsGenerationPrompt: Bool = true) {
    self.init(
      messages: [
        .object([.init("role", .string("user")), .init("content", .string(question))])
      ], addsGenerationPrompt: addsGenerationPrompt)
  }

  /// Reads an array of messages, or an object with `messages` (or TRL's `prompt`), and if they are
  /// there `tools`, `documents`, `add_generation_prompt`, `continue_final_message` (`true`, or the name of
  /// the member to continue), `chat_template_kwargs`; all its other members are variables.
  ///
  /// - Throws: `ConversationError` that names the member, what it is and what was expected.
  public init(_ json: TemplateValue) throws(ConversationError) {
    switch json {
    case .array(let messages): self.init(messages: messages)
    case .object(let members):
      self.init(messages: [])
      var found: String?
      for member in members {
        switch member.name {
        case "messages", "prompt":
          guard found == nil else {
            throw ConversationError("found both messages and prompt, expected one of them")
          }
          found = member.name
          messages = try Self.array(member)
        case "tools": tools = try Self.optionalArray(member)
        case "documents": documents = try Self.optionalArray(member)
        case "add_generation_prompt":
          guard case .bool(let adds) = member.value else {
            throw ConversationError(member, expected: "true or false")
          }
          addsGenerationPrompt = adds
        case "continue_final_message":
          switch member.value {
          case .bool(let continues): continuedMember = continues ? Self.content : nil
          case .string(let name): continuedMember = name
          default:
            throw ConversationError(member, expected: "true, false or the name of a member")
          }
        case "chat_template_kwargs":
          guard case .object(let more) = member.value else {
            throw ConversationError(member, expected: "an object of variables")
          }
          variables += more
        default: variables.append(member)
        }
      }
      guard found != nil else {
        throw ConversationError("found no messages, expected {\"messages\": [...]}")
      }
    default:
      throw ConversationError(
        "found \(json.kind), expected an array of messages or an object with messages")
    }
    try checkMessages()
    guard continuedMember == nil || !addsGenerationPrompt else {
      throw ConversationError(
        "found both add_generation_prompt and continue_final_message, expected one: the model begins "
          + "a message or goes on with the last")
    }
  }

  /// The member that holds a message's text.
  public static let content = "content"

  private static func array(
    _ member: TemplateValue.Member
  ) throws(ConversationError) -> [TemplateValue] {
    guard case .array(let values) = member.value else {
      throw ConversationError(member, expected: "an array")
    }
    return values
  }

  private static func optionalArray(
    _ member: TemplateValue.Member
  ) throws(ConversationError) -> [TemplateValue]? {
    if case .null = member.value { return nil }
    return try array(member)
  }

  private func checkMessages() throws(ConversationError) {
    guard !messages.isEmpty else {
      throw ConversationError("found no message, expected at least one")
    }
    for (place, message) in messages.enumerated() {
      guard case .object = message else {
        throw ConversationError(
          "message \(place + 1) is \(message.kind), expected an object with role and content")
      }
      guard case .string? = message["role"] else {
        throw ConversationError(
          "message \(place + 1) has \(message["role"].map { "\($0.kind) as" } ?? "no") role, "
            + "expected a string such as \"user\"")
      }
    }
  }

  // MARK: As templates see it

  /// A message as transformers hands it to templates: without members that are null, its reasoning
  /// under the names that templates read.
  private static func prepared(_ message: TemplateValue) -> TemplateValue {
    guard case .object(let members) = message else { return message }
    let kept = members.filter { $0.value != .null }
    let reasoning = Continuation.reasoningNames.lazy.compactMap { TemplateValue.object(kept)[$0] }
      .first
    guard let reasoning else { return .object(kept) }
    return .object(
      [.init("thinking", reasoning)] + kept + [.init("reasoning_content", reasoning)])
  }

  /// The variables of a template, as transformers' `apply_chat_template` sets them.
  ///
  /// - Parameter specialTokens: `bos_token` and the like; the conversation's own variables of these
  ///   names override them.
  public func templateVariables(
    specialTokens: [TemplateValue.Member] = []
  ) -> [TemplateValue.Member] {
    templateVariables(preparedMessages, specialTokens: specialTokens)
  }

  /// The messages as transformers hands them to templates.
  var preparedMessages: [TemplateValue] { messages.map(Self.prepared) }

  /// The variables of a template with these messages.
  func templateVariables(
    _ messages: [TemplateValue], specialTokens: [TemplateValue.Member]
  ) -> [TemplateValue.Member] {
    specialTokens + variables + [
      .init("messages", .array(messages)),
      .init("tools", tools.map(TemplateValue.array) ?? .null),
      .init("documents", documents.map(TemplateValue.array) ?? .null),
      .init("add_generation_prompt", .bool(addsGenerationPrompt)),
    ]
  }
}

/// A conversation that cannot be used: what was found, what was expected.
public struct ConversationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The whole message.
  public let description: String

  init(_ description: String) { self.description = description }

  init(_ member: TemplateValue.Member, expected: String) {
    self.init("\(member.name) is \(member.value.kind), expected \(expected)")
  }
}
