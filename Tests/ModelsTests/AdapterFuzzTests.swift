import Foundation
import Testing
import Torch
import struct Tasks.SplitMix64

@testable import Models

/// Damaged adapters, bounded and seeded: whatever the files hold, the adapter is put on the model or there is
/// an error and the model is as it was.
@Suite struct AdapterFuzzTests {
  /// Adapters that are damaged in each round; `make fuzz` sets more rounds.
  private static let adapters = 300
  private static let rounds =
    ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1
  private static let pieces = [
    "\"", ",", ":", "{", "}", "[", "]", "null", "true", "-1", "0", "1e99", "99999999999999999999",
    "9223372036854775807", "\"r\": 3", "(", ")*", "(a+)+$", "(\\w+\\.?)+!", ".*self_attn.*|", "\\",
    "all-linear", "q_proj", "é", "\0",
  ]

  @Test func damagedAdaptersAreUsedOrRefused() throws {
    var generator = SplitMix64(seed: 11)
    for fixture in AdapterFixture.allCases {
      let files = [LoRAFolder.configurationName, Checkpoint.adapterName]
      let contents = try files.map { try Data(contentsOf: fixture.folder.appending(path: $0)) }
      let model = try fixture.base()
      try withTemporaryFolder { folder in
        for _ in 0..<Self.adapters / AdapterFixture.allCases.count * Self.rounds {
          let chosen = Int.random(in: 0..<files.count, using: &generator)
          for (index, (file, data)) in zip(files, contents).enumerated() {
            let damaged = index == chosen ? Self.damaged(data, &generator) : data
            try damaged.write(to: folder.appending(path: file))
          }
          do {
            try model.loadAdapter(LoRAFolder(folder))
            try model.mergeAdapter()
          } catch is ModelError {
            #expect(model.adapter == nil)
          } catch is SafetensorsError {
            #expect(model.adapter == nil)
          }
        }
      }
    }
  }

  /// A few bytes changed, taken out or put in; in the tensors' file near the header, which is what is parsed.
  private static func damaged(_ data: Data, _ generator: inout SplitMix64) -> Data {
    var bytes = [UInt8](data)
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let place = Int.random(in: 0..<min(bytes.count, 1_500), using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1:
        let end = min(bytes.count - 1, place + Int.random(in: 0...12, using: &generator))
        if end > place { bytes.removeSubrange(place..<end) }
      case 2:
        bytes.insert(
          contentsOf: pieces.randomElement(using: &generator)?.utf8 ?? "".utf8, at: place)
      default:
        let piece = Array((pieces.randomElement(using: &generator) ?? "").utf8)
        bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
      }
    }
    return Data(bytes)
  }
}
