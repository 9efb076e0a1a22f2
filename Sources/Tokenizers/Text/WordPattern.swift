/// The regular expressions by which byte-level tokenizers cut text into words. Each is scanned by
/// hand (`WordScanner`); the expressions match every scalar, so nothing lies between words.
enum WordPattern: Equatable, Sendable {
  /// GPT-2, and the pre-tokenizer `ByteLevel` with `use_regex`.
  case gpt2
  /// tiktoken's cl100k and its descendants: Llama 3 (three digits a word), Qwen (one digit a word),
  /// the latest Qwen also with combining marks as parts of words.
  case cl100k(digits: Int, marks: Bool)

  /// The expressions as they stand in `tokenizer.json`.
  static let known: [(name: String, expression: String, pattern: WordPattern)] = [
    (
      "GPT-2",
      #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
      .gpt2
    ),
    (
      "Llama 3",
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"#
        + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .cl100k(digits: 3, marks: false)
    ),
    (
      "Qwen2",
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"#
        + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .cl100k(digits: 1, marks: false)
    ),
    (
      "Qwen3.5",
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|"#
        + #" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .cl100k(digits: 1, marks: true)
    ),
  ]

  /// The pattern of an expression, `nil` if it is none of the known ones.
  init?(expression: String) {
    guard let known = Self.known.first(where: { $0.expression == expression }) else { return nil }
    self = known.pattern
  }
}
