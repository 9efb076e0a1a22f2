import Foundation
import Settings
import Tasks
import Testing

@testable import Training

/// Damaged configuration files, bounded and seeded: whatever the text is, it is a configuration or a
/// `SettingError`.
@Suite struct SettingsFuzzTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1
  private static let pieces = [
    ":", ": ", "\n", "\n  ", "- ", "[", "]", "{", "}", ",", "&a ", "*a", "*b", "!!str ", "!x ",
    "|\n", ">\n",
    "'", "\"", "#", "%", "---\n", "...\n", "? ", "<<: *a", "null", "~", ".nan", ".inf", "1e999",
    "0x1F", "-1",
    "9223372036854775808", "true", "\t", "\u{FEFF}", "\u{E9}", "\0", "\u{2028}",
    "rewards:\n  a:\n    pattern: (",
    "method:\n  name: ws-grpo\n", "adapter:\n  targets: [q_proj]\n",
  ]

  /// Whether the text is a configuration; anything but a `SettingError` fails the test.
  private func use(_ text: String) -> Bool {
    do {
      let configuration = try RunConfiguration(SettingDocument(yaml: text, name: "fuzz.yaml"))
      // What it resolves to gives itself again.
      let again = try RunConfiguration(SettingDocument(yaml: configuration.yaml, name: "again"))
      #expect(again.yaml == configuration.yaml, "\(text.debugDescription)")
      return true
    } catch {
      #expect(error is SettingError && !"\(error)".isEmpty, "\(error)")
      return false
    }
  }

  @Test func damagedFilesAreReadOrRefused() throws {
    let whole = try Digits.configuration(["rewards.format.pattern=a+", "adapter.rank=4"]).yaml
    #expect(use(whole))
    let scalars = Array(whole.unicodeScalars)
    var generator = SplitMix64(seed: 23)
    var (used, refused) = (0, 0)
    for _ in 0..<400 * Self.rounds {
      var damaged = scalars
      for _ in 0..<Int.random(in: 0...2, using: &generator) {
        let place = Int.random(in: 0..<damaged.count, using: &generator)
        let end = min(damaged.count, place + Int.random(in: 0...9, using: &generator))
        let piece = (Self.pieces.randomElement(using: &generator) ?? "").unicodeScalars
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: damaged.insert(contentsOf: piece, at: place)
        case 1: damaged.replaceSubrange(place..<end, with: piece)
        default: damaged.removeSubrange(place..<end)
        }
      }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: damaged)
      if use(String(text)) { used += 1 } else { refused += 1 }
    }
    #expect(used > 100 && refused > 100)
  }

  @Test func randomPieces() {
    var generator = SplitMix64(seed: 29)
    var refused = 0
    for _ in 0..<400 * Self.rounds {
      let count = Int.random(in: 1...15, using: &generator)
      let text = (0..<count).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }
      refused += use(text.joined()) ? 0 : 1
    }
    #expect(refused > 300)
  }

  /// Files that unfold to more than memory, or are deeper than the stack.
  @Test func whatIsTooLargeIsRefused() {
    let names = Array("abcdefghij").map(String.init)
    let bomb = zip(names, names.dropFirst()).map { one, next in
      "  \(next): &\(next) [\(Array(repeating: "*\(one)", count: 9).joined(separator: ","))]\n"
    }.joined()
    #expect(!use("x:\n  a: &a [1,1,1,1,1,1,1,1,1]\n\(bomb)"))
    #expect(!use("x: " + String(repeating: "[", count: 50_000)))
    #expect(!use("x: " + String(repeating: "{a: ", count: 50_000)))
    #expect(!use((0..<3_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()))
  }
}
