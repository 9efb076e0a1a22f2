import ArgumentParser
import ChatTemplates
import Foundation
import Tokenizers

/// `laconic render`: conversations in, the text that the model reads out.
struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show conversations as the model sees them, through its chat template.",
    discussion: """
      Reads JSON lines from standard input. A line is a conversation: an array of messages,
      [{"role": "user", "content": "..."}, ...], or an object with "messages" (or "prompt") and, if
      wanted, "tools", "documents", "add_generation_prompt", "continue_final_message",
      "chat_template_kwargs" and other variables of the template. Lines that are messages themselves, {"role": ..., "content": ...},
      are one conversation up to a blank line or the end.

      The text is written exactly as the model reads it, several conversations with a line feed
      between them; with --json every conversation gives a line {"text": "..."}.
      """)

  @Option(
    name: .long,
    help: """
      A model folder, its tokenizer_config.json, or a file that is a template. From a folder come \
      also bos_token, eos_token and the other special tokens.
      """, completion: .file())
  var template: String

  @Flag(
    name: .customLong("add-generation-prompt"), inversion: .prefixedNo,
    help: "End where the model's answer begins; in place of the line's add_generation_prompt.")
  var generationPrompt: Bool?

  @Flag(
    name: .customLong("continue-final-message"),
    help: """
      End where the last message ends, so that the model goes on with it; in place of the line's \
      continue_final_message and add_generation_prompt.
      """)
  var continues = false

  @Option(
    name: .customLong("set"),
    help: """
      A variable of the template as NAME=VALUE; the value is JSON, or else a text, for example \
      enable_thinking=false. It overrides the line's own.
      """)
  var variables: [String] = []

  @Option(help: "A JSON file with an array of tools; in place of the line's.", completion: .file())
  var tools: String?

  @Option(help: "The day that strftime_now gives, as YYYY-MM-DD; today when absent.")
  var date: String?

  @Flag(help: "Write JSON lines, {\"text\": \"...\"}.")
  var json = false

  @Flag(help: "With --json: also \"ids\", the tokens of the text; needs a model folder.")
  var ids = false

  func validate() throws {
    guard !ids || json else { throw ValidationError("--ids needs --json") }
    guard !continues || generationPrompt != true else {
      throw ValidationError(
        "--continue-final-message and --add-generation-prompt exclude each other: the model goes on with "
          + "the last message or begins one")
    }
  }

  func run() throws {
    let renderer = try Renderer(self)
    var messages: [TemplateValue] = []
    var isFirst = true
    func output(_ conversation: Conversation, line: Int) throws -> Data {
      defer { isFirst = false }
      let separator = isFirst || json ? "" : "\n"
      return Data(separator.utf8) + (try renderer.output(conversation, line: line))
    }
    func pendingOutput(line: Int) throws -> Data {
      guard !messages.isEmpty else { return Data() }
      defer { messages = [] }
      return try output(Self.conversation(.array(messages), line: line), line: line)
    }
    var last = 0
    try InputLines.answerEach { line, number in
      last = number
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else {
        return try pendingOutput(line: number - 1)
      }
      let value = try Self.value(line, line: number)
      if value["role"] != nil, value["messages"] == nil {
        messages.append(value)
        return Data()
      }
      var answer = try pendingOutput(line: number - 1)
      answer += try output(Self.conversation(value, line: number), line: number)
      return answer
    }
    FileHandle.standardOutput.write(try pendingOutput(line: last))
  }

  private static func value(_ line: Data, line number: Int) throws -> TemplateValue {
    do {
      return try TemplateValue(parsing: Array(line), name: "standard input")
    } catch let TokenizerError.malformedJSON(_, _, column, found, expected) {
      throw InputLineError(
        line: number,
        problem: "column \(column): not valid JSON: found \(found), expected \(expected)")
    } catch {
      throw InputLineError(line: number, problem: "\(error)")
    }
  }

  private static func conversation(
    _ value: TemplateValue, line: Int
  ) throws -> Conversation {
    do {
      return try Conversation(value)
    } catch {
      throw InputLineError(line: line, problem: error.description)
    }
  }
}

extension Render {
  /// The options, read and checked.
  private struct Renderer {
    private let template: ModelChatTemplate
    private let tokenizer: Tokenizer?
    private let variables: [TemplateValue.Member]
    private let tools: [TemplateValue]?
    private let generationPrompt: Bool?
    private let continues: Bool
    private let clock: LocalTime
    private let isJSON: Bool

    init(_ command: Render) throws {
      let path = URL(filePath: command.template)
      template = try ModelChatTemplate(at: path)
      tokenizer = command.ids ? try Tokenizer(folder: path) : nil
      variables = try command.variables.map(Self.variable)
      tools = try command.tools.map(Self.tools)
      generationPrompt = command.generationPrompt
      continues = command.continues
      clock = try command.date.map(Self.day) ?? .now()
      isJSON = command.json
    }

    private static func variable(_ text: String) throws -> TemplateValue.Member {
      guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
        throw ValidationError("--set \(text): expected NAME=VALUE")
      }
      let value = String(text[text.index(after: equals)...])
      let json = try? TemplateValue(parsing: Array(value.utf8), name: "--set")
      return TemplateValue.Member(String(text[..<equals]), json ?? .string(value))
    }

    private static func tools(_ path: String) throws -> [TemplateValue] {
      let data: Data
      do {
        data = try Data(contentsOf: URL(filePath: path))
      } catch {
        throw TokenizerError.unreadable(file: path, reason: error.localizedDescription)
      }
      let json = try TemplateValue(parsing: Array(data), name: path)
      guard case .array(let tools) = json else {
        throw ValidationError("--tools \(path): found \(json.kind), expected an array of tools")
      }
      return tools
    }

    private static func day(_ text: String) throws -> LocalTime {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
        (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
      else { throw ValidationError("--date \(text): expected YYYY-MM-DD, such as 2024-07-26") }
      return LocalTime(year: year, month: month, day: day)
    }

    func output(_ given: Conversation, line: Int) throws -> Data {
      var conversation = given
      conversation.variables += variables
      if let tools { conversation.tools = tools }
      if let generationPrompt {
        conversation.addsGenerationPrompt = generationPrompt
        if generationPrompt { conversation.continuedMember = nil }
      }
      if continues {
        conversation.addsGenerationPrompt = false
        conversation.continuedMember = Conversation.content
      }
      let text: String
      do {
        text = try template.render(conversation, clock: clock)
      } catch {
        throw InputLineError(line: line, problem: error.description)
      }
      guard isJSON else { return Data(text.utf8) }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      // The template has written the special tokens itself.
      let ids = tokenizer.map { $0.encode(text, addSpecialTokens: false) }
      return try encoder.encode(Output(ids: ids, text: text)) + Data("\n".utf8)
    }

    private struct Output: Encodable {
      var ids: [Int]?
      var text: String
    }
  }
}
