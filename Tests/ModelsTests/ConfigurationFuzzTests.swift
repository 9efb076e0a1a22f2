import Foundation
import JSON
import Testing
import struct Tasks.SplitMix64

@testable import Models

/// Damaged `config.json`, bounded and seeded.
@Suite struct ConfigurationFuzzTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1

  /// Random damage to a real configuration: every outcome is a value that Foundation's parser accepts
  /// too, or an error; never a trap.
  @Test func damagedConfigurations() throws {
    var generator = SplitMix64(seed: 17)
    let original = Array(
      try Data(contentsOf: Fixture.llama3.folder.appending(path: "config.json")))
    var accepted = 0
    for _ in 0..<4_000 * Self.rounds {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { break }
      }
      guard let value = try? JSONValue(parsing: bytes) else { continue }
      accepted += 1
      #expect(throws: Never.self) {
        _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      }
      #expect(try JSONValue(parsing: Array(value.prettyPrinted.utf8)) == value)
      do {
        _ = try ModelConfiguration(json: Data(bytes), name: "damaged")
      } catch is ModelError {}
    }
    #expect(accepted > 400 * Self.rounds)
  }
}
