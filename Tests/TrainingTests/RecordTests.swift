import Foundation
import Testing

@testable import Training

@Suite struct AtomicFileTests {
  @Test func aFileIsReplacedWhole() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a.txt")
      try AtomicFile.write(Data("first".utf8), to: file)
      try AtomicFile.write(Data("second".utf8), to: file)
      #expect(try contents(file) == Data("second".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.txt"])
    }
  }

  @Test func whatCannotBeWrittenIsNamedAndNothingChanges() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a.txt")
      try AtomicFile.write(Data("kept".utf8), to: file)
      // A path below a file, and a name that is a folder's: neither can be written by anybody.
      let below = file.appending(path: "b.txt")
      #expect(throws: FileError.self) { try AtomicFile.write(Data("x".utf8), to: below) }
      #expect(
        message { try AtomicFile.write(Data("x".utf8), to: below) }.contains(below.path))
      let sub = folder.appending(path: "sub")
      try AtomicFile.createFolder(sub.appending(path: "inner"))
      #expect(throws: FileError.self) { try AtomicFile.write(Data("x".utf8), to: sub) }
      #expect(throws: FileError.self) { try AtomicFile.createFolder(below) }
      #expect(try contents(file) == Data("kept".utf8))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          == ["a.txt", "sub"])
    }
  }

  @Test func aFolderIsMadeWholeOrNotAtAll() throws {
    struct Failure: Error {}
    try withTemporaryFolder { parent in
      let folder = parent.appending(path: "model")
      try AtomicFile.makeFolder(at: folder) {
        try Data("old".utf8).write(to: $0.appending(path: "weights"))
      }
      #expect(throws: Failure.self) {
        try AtomicFile.makeFolder(at: folder) {
          try Data("half".utf8).write(to: $0.appending(path: "weights"))
          throw Failure()
        }
      }
      #expect(try contents(folder.appending(path: "weights")) == Data("old".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path) == ["model"])
      try AtomicFile.makeFolder(at: folder) {
        try Data("new".utf8).write(to: $0.appending(path: "other"))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path) == ["model"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["other"])
    }
  }
}

@Suite struct RecordLogTests {
  @Test func aLogGrowsAndIsCutBack() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "metrics.jsonl")
      var log: RecordLog? = try RecordLog(file, keeping: 0)
      try log?.append("{\"step\":1}")
      let bytes = log?.byteCount ?? 0
      #expect(bytes == 11)
      try log?.append("{\"step\":2}")
      try log?.flush()
      log = nil
      let cut = try RecordLog(file, keeping: bytes)
      try cut.append("{\"step\":3}")
      #expect(String(decoding: try contents(file), as: UTF8.self) == "{\"step\":1}\n{\"step\":3}\n")
      #expect(cut.byteCount == 22)
    }
  }

  @Test func aLogThatLostBytesIsRefusedAndLeft() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "metrics.jsonl")
      try Data("{}\n".utf8).write(to: file)
      let text = message { _ = try RecordLog(file, keeping: 10) }
      #expect(text.contains("3 bytes") && text.contains("10"), "\(text)")
      #expect(try contents(file) == Data("{}\n".utf8))
      #expect(throws: FileError.self) {
        _ = try RecordLog(file.appending(path: "below"), keeping: 0)
      }
    }
  }
}

@Suite struct MetricsTests {
  @Test func jsonGivesTheSameFiguresAgain() throws {
    let metrics = Metrics(
      step: 12,
      values: [
        "loss": -0.1, "kl": 1e-17, "clip_ratio/low_mean": 0, "num_tokens": 123_456,
        "a \"quoted\" name": 1.0 / 3,
      ])
    let json = metrics.json
    #expect(try Metrics(json: json, name: "m", line: 1) == metrics)
    #expect(json.hasPrefix("{\"step\":12,\"a \\\"quoted\\\" name\":0.333"))
    #expect(
      Metrics(step: 1, values: ["b": 2, "a": .nan]).json == "{\"step\":1,\"a\":null,\"b\":2.0}")
  }

  @Test func theFileIsReadWithoutItsTornEnd() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "metrics.jsonl")
      try Data("{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":null}\n{\"step\":3,\"lo".utf8)
        .write(to: file)
      let metrics = try Metrics.read(file)
      #expect(metrics.map(\.step) == [1, 2])
      #expect(metrics[0]["loss"] == 0.5)
      #expect(metrics[1]["loss"] == nil)
      try Data().write(to: file)
      #expect(try Metrics.read(file).isEmpty)
    }
  }

  @Test func faultyLinesAreNumbered() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "metrics.jsonl")
      try Data("{\"step\":1}\nnonsense\n".utf8).write(to: file)
      #expect(message { _ = try Metrics.read(file) }.hasPrefix("metrics.jsonl:2:"))
      try Data("{\"loss\":1}\n".utf8).write(to: file)
      #expect(message { _ = try Metrics.read(file) }.contains("a step"))
      #expect(throws: FileError.self) { try Metrics.read(folder.appending(path: "none")) }
    }
  }
}

@Suite struct LearningCheckTests {
  private func warnings(_ values: [String: Double], golds: Int = 0) -> [String] {
    LearningCheck.warnings(Metrics(step: 1, values: values), unparseableGolds: golds)
  }

  @Test func aHealthyStepHasNone() {
    #expect(
      warnings([
        "frac_reward_zero_std": 0.9, "accuracy": 0.2, "completions/clipped_ratio": 0.4,
        "grad_norm": 0.1,
      ]).isEmpty)
    #expect(warnings([:]).isEmpty)
  }

  @Test(arguments: [
    (["frac_reward_zero_std": 1.0, "accuracy": 0], "every outcome reward is 0"),
    (["frac_reward_zero_std": 1.0, "accuracy": 1], "every advantage is 0"),
    (["completions/clipped_ratio": 0.75], "75 %"), (["grad_norm": 0], "gradient is zero"),
  ])
  func everyQuietFailureHasItsOwn(values: [String: Double], text: String) {
    let found = warnings(values)
    #expect(found.count == 1)
    #expect(found.first?.contains(text) == true)
  }

  @Test func unparseableGoldsAreCounted() {
    #expect(warnings([:], golds: 3).first?.hasPrefix("3 gold answers") == true)
  }
}
