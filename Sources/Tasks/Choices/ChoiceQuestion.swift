import JSON
import Verification

/// A multiple-choice question as data sets write it.
struct ChoiceQuestion {
  /// The question without its choices.
  let stem: String
  /// The choices; empty where they stand in the question itself.
  let choices: [ChoiceVerifier.Choice]
  /// The columns it was read from.
  let used: Set<String>

  /// Reads the column `question`: a text, with the choices in the column `choices`, or an object with `stem`
  /// and `choices`. Choices are `{"text": [...], "label": [...]}` or `[{"text": ..., "label": ...}]`; without
  /// a column of choices they stand in the question.
  init(_ record: JSONRecord, columns: DataColumns) throws(DataError) {
    let question = try record.column(columns.question.map { [$0] } ?? ["question", "prompt"])
    switch record.columns[question] {
    case .string(let text)?:
      stem = text
      choices =
        try record.columns["choices"].map { value throws(DataError) in
          try Self.choices(value, record, "choices")
        } ?? []
      used = [question, "choices"]
    case .object(let parts)?:
      guard case .string(let text)? = parts["stem"] else {
        throw DataError(
          .missingColumn, file: record.file, line: record.line,
          found: "no text \"stem\" in column \"\(question)\"",
          expected: "{\"stem\": \"...\", \"choices\": [...]}")
      }
      stem = text
      choices =
        try parts["choices"].map { value throws(DataError) in
          try Self.choices(value, record, question)
        } ?? []
      used = [question]
    default:
      throw record.wrongType(question, expected: "a string, or an object with stem and choices")
    }
  }

  private static func choices(
    _ value: JSONValue, _ record: JSONRecord, _ column: String
  ) throws(DataError) -> [ChoiceVerifier.Choice] {
    let pairs: [(label: String?, text: String?)]
    switch value {
    case .array(let elements):
      // Plain texts are called A, B, C, ...
      pairs = elements.enumerated().map { index, element in
        if case .string(let text) = element { return (Self.letter(index), text) }
        return (element["label"]?.string, element["text"]?.string)
      }
    case .object(let columns):
      let labels = columns["label"]?.array ?? []
      let texts = columns["text"]?.array ?? []
      guard labels.count == texts.count else {
        throw DataError(
          .invalidValue, file: record.file, line: record.line,
          found: "\(labels.count) labels and \(texts.count) texts in column \"\(column)\"",
          expected: "as many labels as texts")
      }
      pairs = zip(labels, texts).map { ($0.string, $1.string) }
    default: throw record.wrongType(column, expected: "an array of choices")
    }
    var choices: [ChoiceVerifier.Choice] = []
    for pair in pairs {
      guard let label = pair.label, let text = pair.text, ChoiceVerifier.isLabel(label) else {
        throw DataError(
          .invalidValue, file: record.file, line: record.line,
          found:
            "a choice without \(pair.text == nil ? "a text" : "a label of one letter or digit")",
          expected: "{\"label\": \"A\", \"text\": \"...\"}")
      }
      choices.append(ChoiceVerifier.Choice(label: label, text: text))
    }
    return choices
  }

  private static func letter(_ index: Int) -> String {
    index < 26 ? String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(index))) : ""
  }

  /// The question with a line for every choice.
  var text: String {
    ([stem] + choices.map { "(\($0.label)) \($0.text)" }).joined(separator: "\n")
  }

  /// The choices as a column.
  var column: JSONValue {
    .array(choices.map { ["label": .string($0.label), "text": .string($0.text)] })
  }
}
