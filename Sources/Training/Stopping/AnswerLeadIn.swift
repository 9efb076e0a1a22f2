import Settings
import Tokenizers

/// The first words of an answer, in the tokens that continue a text with them.
struct AnswerLeadIn {
  private let text: String
  private let tokenizer: Tokenizer
  /// The words with and without a space before them, in tokens.
  private let candidates: [[Int]]

  /// - Throws: `SettingError` for words that the tokenizer cannot write.
  init(_ text: String, tokenizer: Tokenizer) throws {
    self.text = text.trimmed
    self.tokenizer = tokenizer
    candidates = [self.text, " " + self.text].map {
      tokenizer.encode($0, addSpecialTokens: false)
    }.filter { ids in
      !ids.isEmpty
        && tokenizer.decode(ids, skipSpecialTokens: false).trimmed == text.trimmed
    }
    guard !candidates.isEmpty else {
      throw SettingError(
        "method.stop-text is \"\(text)\", which the model's tokenizer cannot write; expected words that "
          + "it knows, as in \"The answer is\"")
    }
  }

  /// The greatest number of tokens.
  var greatestCount: Int { candidates.map(\.count).max() ?? 0 }

  /// The tokens behind `completion`: with a space between the texts, unless there is white space.
  func ids(after completion: [Int]) -> [Int] {
    let before = tokenizer.decode(completion)
    let isApart = before.isEmpty || before.last?.isWhitespace == true
    let expected = before + (isApart ? "" : " ") + text
    return candidates.first { tokenizer.decode(completion + $0) == expected } ?? candidates[0]
  }
}

extension String {
  /// The text without white space at its ends.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
