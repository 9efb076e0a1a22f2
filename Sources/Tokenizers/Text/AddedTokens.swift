/// A token that is found in the text before anything else is done to it.
struct AddedToken: Sendable, Equatable {
  var content: String
  var id: Int
  /// Matches only where no word character stands beside it.
  var singleWord = false
  /// Takes the white space before it along.
  var leftStrip = false
  /// Takes the white space after it along.
  var rightStrip = false
  /// Looked for in the normalized text, itself normalized, and not in the text as given.
  var normalized = false
  /// Left out by decoding on demand.
  var special = false
}

/// The added tokens of a tokenizer, by id and by content.
struct AddedTokens: Sendable {
  private(set) var all: [AddedToken] = []
  private var indexOfID: [Int: Int] = [:]
  /// By UTF-8: strings compare equal when they only look the same.
  private var indexOfContent: [[UInt8]: Int] = [:]

  /// Highest id + 1.
  var idLimit: Int { (all.lazy.map(\.id).max() ?? -1) + 1 }

  func token(id: Int) -> AddedToken? { indexOfID[id].map { all[$0] } }

  func token(content: [UInt8]) -> AddedToken? { indexOfContent[content].map { all[$0] } }

  /// Adds a token whose id and content are new.
  mutating func append(_ token: AddedToken) {
    indexOfID[token.id] = all.count
    indexOfContent[Array(token.content.utf8)] = all.count
    all.append(token)
  }

  /// The id that the reference implementation gives to the next token that is not in a vocabulary:
  /// the number of the vocabulary's tokens, or one more than the highest added id from there on.
  func nextID(vocabularyCount: Int) -> Int {
    guard let highest = all.lazy.map(\.id).max(), highest >= vocabularyCount else {
      return vocabularyCount
    }
    return highest + 1
  }
}
