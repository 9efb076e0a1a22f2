import Foundation
import Testing

@testable import Tokenizers

/// Small tokenizers of every family against the reference implementation.
@Suite struct GoldenTests {
  @Test(arguments: Fixture.families)
  func family(_ name: String) throws {
    let tokenizer = try Fixture.tokenizer(name)
    let golden = try JSONDecoder().decode(GoldenFamily.self, from: Fixture.data(name))
    let texts = try Fixture.texts()
    try #require(golden.cases.count == texts.count)
    for (text, expected) in zip(texts, golden.cases) {
      let source: Comment = "\(name): \(text.debugDescription)"
      #expect(tokenizer.encode(text) == expected.ids, source)
      #expect(
        tokenizer.encode(text, addSpecialTokens: false) == expected.plain ?? expected.ids, source)
      #expect(
        sameScalars(tokenizer.decode(expected.ids, skipSpecialTokens: false), expected.decoded),
        source)
      #expect(
        sameScalars(tokenizer.decode(expected.ids), expected.skipped ?? expected.decoded), source)
    }
    for expected in golden.decoding {
      #expect(
        sameScalars(tokenizer.decode(expected.ids, skipSpecialTokens: false), expected.decoded),
        "\(name): \(expected.ids)")
    }
  }

  @Test func normalizationForms() throws {
    let rows = try JSONDecoder().decode(
      [[String: String]].self, from: Fixture.data("normalization"))
    try #require(rows.count > 40)
    for row in rows {
      let text = try #require(row["text"])
      for form in NormalizationForm.allCases {
        let expected = try #require(row[form.rawValue])
        let bytes = Array(text.utf8)
        #expect(
          form.apply(to: bytes) ?? bytes == Array(expected.utf8),
          "\(form.rawValue) of \(text.debugDescription)")
      }
    }
  }

  /// Strings compare equal when they are canonically equivalent; here every scalar counts.
  private func sameScalars(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8)
  }
}
