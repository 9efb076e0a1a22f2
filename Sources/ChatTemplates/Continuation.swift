/// Rendering a conversation so that the model goes on with its last message, as transformers'
/// `continue_final_message` does: the text ends where that message's text ends, before whatever the
/// template writes after it.
///
/// A mark is put behind the message's text, and the rendered text is cut where the mark appears.
struct Continuation {
  /// Names under which a message's reasoning comes; the first is the one that templates read.
  static let reasoningNames = ["reasoning_content", "thinking", "reasoning"]

  // A word that no conversation has, with a space that shows whether the template trims; transformers'.
  private static let word = "CONTINUE_FINAL_MESSAGE_TAG"
  private static let mark = word + " "

  /// The messages with the mark, as templates see them.
  let messages: [TemplateValue]
  /// The text to go on with.
  private let text: String
  private let template: ChatTemplate

  /// - Parameters:
  ///   - messages: as templates see them.
  ///   - member: the member of the last message that is to be continued.
  /// - Throws: `TemplateError` when there is no such text, or the template does not read it.
  init(
    _ messages: [TemplateValue], member: String, template: ChatTemplate
  ) throws(TemplateError) {
    func refusal(_ found: String) -> TemplateError { Self.refusal(template, found) }
    guard case .object(var members)? = messages.last,
      let value = messages.last?[member], value != .null
    else { throw refusal("the final message has no \"\(member)\" to continue") }
    // Reasoning is there under several names, of which the template reads any.
    let names =
      Self.reasoningNames.contains(member)
      ? Self.reasoningNames.filter { messages.last?[$0] == value } : [member]
    guard names.contains(where: { template.text.utf8.firstRange(of: $0.utf8) != nil }) else {
      throw refusal("the template does not read \"\(member)\" of a message")
    }
    let (marked, text) = try Self.marked(value, refusal)
    for index in members.indices
    where names.contains(members[index].name) && members[index].value == value {
      members[index].value = marked
    }
    self.messages = messages.dropLast() + [.object(members)]
    self.text = text
    self.template = template
  }

  /// A message's content with the mark behind its last text, and that text.
  private static func marked(
    _ value: TemplateValue, _ refusal: (String) -> TemplateError
  ) throws(TemplateError) -> (marked: TemplateValue, text: String) {
    switch value {
    case .string(let text): return (.string(text + mark), text)
    case .array(var parts):
      for index in parts.indices.reversed() {
        guard case .object(var members) = parts[index],
          let place = members.lastIndex(where: { $0.name == "text" }),
          case .string(let text) = members[place].value
        else { continue }
        members[place].value = .string(text + mark)
        parts[index] = .object(members)
        return (.array(parts), text)
      }
      throw refusal("no part of the final message is a text")
    default: throw refusal("the final message's content is \(value.kind), not a text")
    }
  }

  /// What the template rendered of the marked messages, up to the end of the text.
  ///
  /// - Throws: `TemplateError` when the text is not there whole.
  func cut(_ rendered: String) throws(TemplateError) -> String {
    let bytes = Array(rendered.utf8)
    let wanted = text.stripped()
    let meter = Meter(TemplateLimits())
    do {
      guard let end = try TextSearch(for: Self.word).last(in: bytes, meter),
        try TextSearch(for: wanted).last(in: bytes, meter) != nil
      else {
        throw Self.refusal(
          template, "the final message does not appear in what the template makes of it")
      }
      let kept = String(decoding: bytes[..<end], as: UTF8.self)
      // The template trims the ends of messages: then the text ends before its own white space.
      return bytes[end...].starts(with: Self.mark.utf8) ? kept : kept.stripped(left: false)
    } catch let error as TemplateError {
      throw error
    } catch {
      throw Self.refusal(template, "\(error)")
    }
  }

  private static func refusal(_ template: ChatTemplate, _ found: String) -> TemplateError {
    TemplateError(
      kind: .value, message: "continue_final_message: \(found)", template: template.name, line: 1,
      column: 1)
  }
}
