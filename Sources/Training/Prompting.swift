import ChatTemplates
import Foundation
import Settings
import Tasks
import Tokenizers

/// A prompt as the model reads it.
public struct ModelPrompt: Sendable, Equatable {
  /// The text, special tokens included where a chat template wrote them.
  public let text: String
  /// Its tokens.
  public let ids: [Int]
}

/// How problems are put to a chat model: through its template.
public struct ChatPrompting: Sendable {
  private let template: ModelChatTemplate
  private let system: String?
  private let variables: [TemplateValue.Member]
  /// One moment for a whole run, so that a template with a date gives a problem one prompt.
  private let clock: LocalTime

  /// - Parameters:
  ///   - system: a system message for conversations that have none.
  ///   - variables: the template's own, such as `enable_thinking`.
  ///   - clock: the time that the template's `strftime_now` gives.
  public init(
    _ template: ModelChatTemplate, system: String? = nil,
    variables: [TemplateValue.Member] = [], clock: LocalTime = .now()
  ) {
    self.template = template
    self.system = system
    self.variables = variables
    self.clock = clock
  }

  /// The text of a conversation up to where the model's answer begins, or goes on.
  ///
  /// - Throws: `TemplateError`.
  func text(_ given: Conversation) throws -> String {
    var conversation = given
    conversation.addsGenerationPrompt = given.continuedMember == nil
    conversation.variables = variables + given.variables
    if let system, given.messages.first?["role"] != .string("system") {
      conversation.messages.insert(
        .object([.init("role", .string("system")), .init("content", .string(system))]), at: 0)
    }
    return try template.render(conversation, clock: clock)
  }
}

/// Writes problems as a model reads them.
public struct PromptWriter {
  private let task: any ReasoningTask
  private let chat: ChatPrompting?
  private let tokenizer: Tokenizer

  /// - Parameter chat: how a chat model is prompted; nil for a model that reads plain text.
  public init(task: any ReasoningTask, chat: ChatPrompting?, tokenizer: Tokenizer) {
    self.task = task
    self.chat = chat
    self.tokenizer = tokenizer
  }

  /// A problem's prompt: the messages before its question, and the question in the task's prompt as the
  /// user's, through the chat template; without one, the task's prompt as it is. Where the answer is
  /// begun, the prompt ends where it does.
  ///
  /// - Parameter instruction: what is to stand after the question.
  /// - Throws: `FileError` naming the problem whose conversation cannot be rendered, has no template, or
  ///   has no tokens.
  public func prompt(
    for problem: Problem, instruction: String? = nil
  ) throws -> ModelPrompt {
    let text = try text(of: problem, instruction: instruction)
    let ids = self.ids(of: text)
    guard !ids.isEmpty else {
      // The first completion token would have nothing to follow.
      throw FileError(
        "problem \(problem.id): the prompt \"\(text.prefix(40))\" has no tokens, expected at least "
          + "one; look at its question and at task.prompt-template")
    }
    return ModelPrompt(text: text, ids: ids)
  }

  /// The text of a problem's prompt.
  ///
  /// - Throws: `FileError` naming the problem.
  public func text(of problem: Problem, instruction: String? = nil) throws -> String {
    let asked = instruction.map { problem.asking("\(problem.prompt) \($0)") } ?? problem
    guard let chat else { return task.prompt(for: asked) }
    do {
      return try chat.text(try conversation(of: asked))
    } catch {
      throw FileError("problem \(problem.id): \(error)")
    }
  }

  /// The column of a data file with variables of the chat template, as TRL has it.
  private static let variablesColumn = "chat_template_kwargs"

  /// The messages before the question, the question in the task's prompt as the user's, and the beginning
  /// of the answer where there is one.
  private func conversation(of problem: Problem) throws -> Conversation {
    let question = Message(role: "user", content: task.template.filled(with: problem.prompt))
    let begun = problem.begunAnswer.map { [Message(role: "assistant", content: $0)] } ?? []
    let messages = (problem.earlierMessages + [question] + begun).map { message in
      TemplateValue.object([
        .init("role", .string(message.role)), .init("content", .string(message.content)),
      ])
    }
    var conversation = Conversation(messages: messages)
    if problem.begunAnswer != nil { conversation.continuedMember = Conversation.content }
    if let given = problem.metadata[Self.variablesColumn], given != .null {
      let json = try TemplateValue(parsing: given.serialized(), name: Self.variablesColumn)
      guard case .object(let members) = json else {
        throw FileError(
          "the column \(Self.variablesColumn) is \(json.kind), expected an object of variables")
      }
      conversation.variables = members
    }
    return conversation
  }

  /// Whether problems go through a chat template.
  public var usesChatTemplate: Bool { chat != nil }

  /// The tokens of a prompt that is already written. What a chat template wrote has its special tokens;
  /// the tokenizer adds its own (a beginning of text, say) to plain text only.
  public func ids(of text: String) -> [Int] {
    tokenizer.promptIDs(of: text, addSpecialTokens: chat == nil)
  }
}

extension Tokenizer {
  /// The tokens of a prompt, with one beginning of text also where the text brings its own and the
  /// tokenizer adds another.
  func promptIDs(of text: String, addSpecialTokens: Bool) -> [Int] {
    let ids = encode(text, addSpecialTokens: addSpecialTokens)
    guard addSpecialTokens, let bos = bosTokenID, ids.starts(with: [bos, bos]) else { return ids }
    return Array(ids.dropFirst())
  }
}
