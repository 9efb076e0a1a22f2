import Settings

/// Text with a place for the question: `{question}`.
///
/// Only a name in braces is a place. Other braces stand for themselves, so that `\boxed{}` needs no
/// escape; `{{question}}` stands for the characters `{question}`.
public struct PromptTemplate: Sendable, Hashable, CustomStringConvertible {
  /// The names that may stand in braces.
  public static let placeholders = ["question"]

  private enum Piece: Sendable, Hashable {
    case text(String)
    case question
  }

  /// The template as it was written.
  public let description: String
  private let pieces: [Piece]

  /// The question alone.
  public static let question = PromptTemplate(before: "", after: "")

  /// `before`, the question, `after`.
  ///
  /// - Precondition: Neither text has braces with a name in them; those of `\boxed{}` stand for themselves.
  init(before: String, after: String) {
    let isPlain = (before + after).split(separator: "{", omittingEmptySubsequences: false)
      .dropFirst().allSatisfy { $0.first == "}" }
    precondition(isPlain, "a name in braces beside the question")
    pieces = [.text(before), .question, .text(after)]
    description = before + "{question}" + after
  }

  /// Reads a template.
  ///
  /// - Throws: `PromptTemplateError` for an unknown name in braces or a template without a question.
  public init(parsing template: String) throws(PromptTemplateError) {
    var pieces: [Piece] = []
    var text = ""
    var rest = template[...]
    while let open = rest.firstIndex(of: "{") {
      text += rest[..<open]
      let (name, end, isEscaped) = Self.name(at: open, in: rest)
      guard let name else {
        text.append("{")
        rest = rest[rest.index(after: open)...]
        continue
      }
      if isEscaped {
        text += "{\(name)}"
      } else if name == "question" {
        pieces += [.text(text), .question]
        text = ""
      } else {
        throw PromptTemplateError(
          "found the unknown place {\(name)} in the prompt template, expected {question}; "
            + "write {{\(name)}} for the characters themselves")
      }
      rest = rest[end...]
    }
    guard pieces.contains(.question) else {
      throw PromptTemplateError(
        "found no {question} in the prompt template \"\(template.prefix(60))\", expected one: "
          + "without it every problem has the same prompt")
    }
    self.pieces = pieces + [.text(text + rest)]
    description = template
  }

  /// The template with `question` in its place.
  public func filled(with question: String) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .question: question
      }
    }.joined()
  }

  /// The name in single or double braces at `open`, and where the text goes on after it.
  private static func name(at open: String.Index, in text: Substring) -> (
    name: Substring?, end: String.Index, isEscaped: Bool
  ) {
    var start = text.index(after: open)
    let isEscaped = text[start...].first == "{"
    if isEscaped { start = text.index(after: start) }
    let name = text[start...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    let close = isEscaped ? "}}" : "}"
    guard name.first?.isLetter == true, text[name.endIndex...].hasPrefix(close) else {
      return (nil, start, false)
    }
    return (name, text.index(name.endIndex, offsetBy: close.count), isEscaped)
  }
}

/// A prompt template that cannot be used.
public struct PromptTemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The whole message.
  public let description: String

  init(_ description: String) { self.description = description }
}
