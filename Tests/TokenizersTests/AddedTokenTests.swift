import Testing

@testable import Tokenizers

@Suite struct AddedTokenTests {
  private func encode(_ text: String, _ added: [String], normalizer: String = "null") throws
    -> [Int]
  {
    var builder = TokenizerBuilder()
    builder.model = TokenizerBuilder.wordLevel(["u", "a", "b"])
    builder.addedTokens = "[\(added.joined(separator: ","))]"
    builder.preTokenizer = #"{"type":"WhitespaceSplit"}"#
    builder.normalizer = normalizer
    return try builder.build().encode(text)
  }

  @Test func leftmostThenLongest() throws {
    let added = [
      TokenizerBuilder.added("<x>", 3), TokenizerBuilder.added("<x>y", 4),
      TokenizerBuilder.added("x>", 5),
    ]
    #expect(try encode("a<x>b<x>ya", added) == [1, 3, 2, 4, 1])
    #expect(try encode("x>a<x", added) == [5, 0])
    #expect(try encode("<x><x>", added) == [3, 3])
  }

  @Test func singleWord() throws {
    let added = [TokenizerBuilder.added("tok", 3, "single_word")]
    #expect(try encode("tok", added) == [3])
    #expect(try encode("a tok b", added) == [1, 3, 2])
    #expect(try encode("(tok)", added) == [0, 3, 0])
    #expect(try encode("token atok tok_ étok", added) == [0, 0, 0, 0])
  }

  @Test func stripping() throws {
    let bare = [TokenizerBuilder.added("<m>", 3), TokenizerBuilder.added(" ", 4)]
    #expect(try encode("a <m> b", bare) == [1, 4, 3, 4, 2])
    let left = [TokenizerBuilder.added("<m>", 3, "lstrip"), TokenizerBuilder.added("b", 2)]
    #expect(try encode("a \n<m>b", left) == [1, 3, 2])
    let right = [TokenizerBuilder.added("<m>", 3, "rstrip"), TokenizerBuilder.added("\n", 4)]
    // The white space goes with the first token, and a token inside it is found all the same.
    #expect(try encode("<m> \n", right) == [3, 4])
    // Unless it takes all of that white space along itself.
    let both = [
      TokenizerBuilder.added("<m>", 3, "rstrip"),
      TokenizerBuilder.added("\n", 4, "lstrip", "rstrip"),
    ]
    #expect(try encode("<m> \n \n", both) == [3])
  }

  @Test func normalizedOrNot() throws {
    let lowercase = #"{"type":"Lowercase"}"#
    let given = [TokenizerBuilder.added("TOK", 3)]
    #expect(try encode("TOK tok", given, normalizer: lowercase) == [3, 0])
    let normalized = [TokenizerBuilder.added("TOK", 3, "normalized")]
    #expect(try encode("TOK tok A", normalized, normalizer: lowercase) == [3, 3, 1])
  }

  @Test func namesAndIds() throws {
    var builder = TokenizerBuilder()
    builder.model = TokenizerBuilder.wordLevel(["u", "a"])
    builder.addedTokens =
      "[\(TokenizerBuilder.added("a", 1)),\(TokenizerBuilder.added("<s>", 2, "special"))]"
    let tokenizer = try builder.build()
    #expect(tokenizer.vocabularySize == 3)
    #expect(tokenizer.id(of: "<s>") == 2 && tokenizer.token(of: 2) == "<s>")
    #expect(tokenizer.id(of: "a") == 1 && tokenizer.id(of: "c") == nil)
    #expect(tokenizer.token(of: 3) == nil && tokenizer.token(of: -1) == nil)
    #expect(tokenizer.isSpecial(2) && !tokenizer.isSpecial(1) && !tokenizer.isSpecial(99))
    #expect(tokenizer.decode([1, 2, 1]) == "a a")
    #expect(tokenizer.decode([1, 2, 1], skipSpecialTokens: false) == "a <s> a")
    #expect(tokenizer.decode([1, 77, -4]) == "a")
  }

  /// Strings that look the same are different tokens.
  @Test func tokensAreTheirScalars() throws {
    var builder = TokenizerBuilder()
    builder.model = TokenizerBuilder.wordLevel(["u", "\u{E9}", "e\u{301}"])
    let tokenizer = try builder.build()
    #expect(tokenizer.encode("\u{E9}") == [1] && tokenizer.encode("e\u{301}") == [2])
    #expect(tokenizer.id(of: "\u{E9}") == 1 && tokenizer.id(of: "e\u{301}") == 2)
  }
}
