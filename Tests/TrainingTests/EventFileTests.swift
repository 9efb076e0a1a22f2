import Foundation
import Testing

@testable import Training

@Suite struct EventFileTests {
  /// RFC 3720, appendix B.4, and the usual check of a CRC.
  private static let sums: [(text: String, sum: UInt32)] = [
    ("", 0), ("123456789", 0xE306_9283), (String(repeating: "\0", count: 32), 0x8A91_36AA),
  ]

  @Test func checksumsAreThoseOfTheStandard() {
    for (text, sum) in Self.sums { #expect(CRC32C.checksum(text.utf8) == sum) }
  }

  /// As `Scripts/golden/event_file.py` prints them.
  private static let golden: [(EventRecord, String)] = [
    (
      EventRecord(time: 1_700_000_000.25, step: 0, content: .version),
      "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9"
    ),
    (
      EventRecord(time: 1_700_000_001.5, step: 300, content: .start),
      "100000000000000095fbfe180900006040fc54d94110ac023a020801312d1a8d"
    ),
    (
      EventRecord(
        time: 1_700_000_002, step: 300,
        content: .scalars([("train/reward", 0.625), ("train/kl", -1e-3)])),
      "34000000000000005e33175c0900008040fc54d94110ac022a260a130a0c747261696e2f7265776172641500"
        + "00203f0a0f0a08747261696e2f6b6c156f1283bad0aa8df0"
    ),
  ]

  @Test func recordsAreTensorBoardsByteByByte() {
    for (record, bytes) in Self.golden {
      let found = record.framed.map { String(format: "%02x", $0) }.joined()
      #expect(found == bytes)
    }
  }

  /// The records of a file: step, and names with values; checks the framing on the way.
  private func records(_ file: URL) throws -> [[UInt8]] {
    var bytes = [UInt8](try Data(contentsOf: file))[...]
    var messages: [[UInt8]] = []
    while !bytes.isEmpty {
      let length = Array(bytes.prefix(8))
      let count = length.reversed().reduce(0) { $0 << 8 | Int($1) }
      let sum = bytes.dropFirst(8).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      #expect(sum == CRC32C.masked(length))
      messages.append(Array(bytes.dropFirst(12).prefix(count)))
      bytes = bytes.dropFirst(12 + count + 4)
    }
    return messages
  }

  @Test func aRunWritesItsFiguresAndGoesOnInAFileOfItsOwn() throws {
    try withTemporaryFolder { folder in
      func run(_ steps: Int, resuming: Bool, _ more: [String] = []) throws {
        let lines = ["training.steps=\(steps)", "training.evaluate-every=1"] + more
        _ = try TrainingRun(
          Workspace(Digits.run(in: folder, lines)), resuming: resuming
        ).run()
      }
      func files() throws -> [URL] {
        let run = folder.appending(path: "run")
        return try FileManager.default.contentsOfDirectory(atPath: run.path)
          .filter { $0.hasPrefix("events.out.tfevents.") }.sorted().map { run.appending(path: $0) }
      }
      try run(2, resuming: false)
      let first = try #require(try files().first)
      let before = try contents(first)
      // The version; of each step metrics, times and evaluation.
      #expect(try records(first).count == 1 + 2 * 3)
      let texts = try records(first).map { String(decoding: $0, as: UTF8.self) }
      for name in ["train/reward", "train/completions/mean_length", "time/total", "eval/accuracy"] {
        #expect(texts.count { $0.contains(name) } == 2, "\(name)")
      }
      try run(3, resuming: true)
      #expect(try files().count == 2)
      #expect(try files().first == first && contents(first) == before)
      let second = try records(try #require(try files().last))
      #expect(second.count == 2 + 3)
      // Step 3, and a session that starts.
      #expect(second[1].suffix(6) == [0x10, 3, 0x3a, 2, 8, 1])
      try run(4, resuming: true, ["run.tensorboard=false"])
      #expect(try files().count == 2)
    }
  }
}
