import Foundation
import Models
import Testing
import Torch

@testable import Training

@Suite struct TrainingRunTests {
  private static let lines = [
    "training.evaluate-every=2", "training.save-every=1", "method.kl-coef=0.05",
    "training.warmup-steps=2", "training.schedule=constant",
  ]

  private func run(
    in folder: URL, _ lines: [String], resuming: Bool = false, stoppingAfter stop: Int? = nil
  ) throws -> (outcome: TrainingRun.Outcome, steps: [Int]) {
    let configuration = try Digits.run(in: folder, Self.lines + lines)
    var steps: [Int] = []
    let outcome = try TrainingRun(Workspace(configuration), resuming: resuming).run(
      shouldStop: { steps.count == stop }
    ) { event in
      if case .step(let report, _) = event { steps.append(report.metrics.step) }
    }
    return (outcome, steps)
  }

  @Test func aResumedRunIsTheUninterruptedOneByteByByte() throws {
    try withTemporaryFolder { folder in
      let whole = folder.appending(path: "whole")
      let parts = folder.appending(path: "parts")
      for folder in [whole, parts] { try AtomicFile.createFolder(folder) }
      #expect(try run(in: whole, []).steps == [1, 2, 3, 4])
      let first = try run(in: parts, [], stoppingAfter: 2)
      #expect(first.outcome == .interrupted(step: 2))
      #expect(first.steps == [1, 2])
      // What a kill after the checkpoint leaves: further lines, the last of them torn.
      let metrics = parts.appending(path: "run/metrics.jsonl")
      try (contents(metrics) + Data("{\"step\":3}\n{\"st".utf8)).write(to: metrics)
      let second = try run(in: parts, [], resuming: true)
      #expect(second.steps == [3, 4])
      guard case .finished(let model) = second.outcome else {
        Issue.record("not finished")
        return
      }
      #expect(model.lastPathComponent == "model")
      for name in [
        "metrics.jsonl", "evaluations.jsonl", "completions.jsonl", "model/model.safetensors",
        "model/config.json", "model/tokenizer.json", "model/tokenizer_config.json",
      ] {
        let path = "run/\(name)"
        #expect(
          try contents(whole.appending(path: path)) == contents(parts.appending(path: path)),
          "\(name)")
      }
      #expect(try Metrics.read(metrics).map(\.step) == [1, 2, 3, 4])
      #expect(
        try EvaluationRecord.read(parts.appending(path: "run/evaluations.jsonl")).map(\.step)
          == [2, 4])
      // The weights have moved, and the model opens as any other.
      let trained = try LoadedModel(folder: model)
      let base = try LoadedModel(folder: parts.appending(path: "base"))
      #expect(largestDifference(trained.model.weights, base.model.weights) > 1e-3)
    }
  }

  @Test func aResumedRunKeepsWhatItsLossHasAdapted() throws {
    let adaptive = [
      "method.name=amir-grpo", "method.lambda-schedule=adaptive", "method.pref-lambda=0.05",
      "method.pair-gap=0.1", "training.minibatches=2",
    ]
    try withTemporaryFolder { folder in
      let whole = folder.appending(path: "whole")
      let parts = folder.appending(path: "parts")
      for folder in [whole, parts] { try AtomicFile.createFolder(folder) }
      _ = try run(in: whole, adaptive)
      _ = try run(in: parts, adaptive, stoppingAfter: 2)
      _ = try run(in: parts, adaptive, resuming: true)
      let metrics = try Metrics.read(whole.appending(path: "run/metrics.jsonl"))
      let weights = metrics.compactMap { $0["pairs/weight"] }
      #expect(weights.count == 4 && weights[2] != 0.05 && weights[2] != weights[1], "\(weights)")
      for name in ["metrics.jsonl", "model/model.safetensors"] {
        let path = "run/\(name)"
        #expect(
          try contents(whole.appending(path: path)) == contents(parts.appending(path: path)),
          "\(name)")
      }
    }
  }

  @Test func anotherSeedIsAnotherRun() throws {
    try withTemporaryFolder { folder in
      let names = ["a", "b", "c"]
      for (name, seed) in zip(names, [0, 0, 1]) {
        _ = try run(
          in: folder,
          ["run.seed=\(seed)", "run.output=\(folder.path)/\(name)", "training.steps=1"])
      }
      let metrics = try names.map { try contents(folder.appending(path: "\($0)/metrics.jsonl")) }
      #expect(metrics[0] == metrics[1])
      #expect(metrics[0] != metrics[2])
    }
  }

  @Test func resumingNamesTheSettingThatDiffers() throws {
    try withTemporaryFolder { folder in
      _ = try run(in: folder, ["training.steps=1"])
      let metrics = folder.appending(path: "run/metrics.jsonl")
      let before = try contents(metrics)
      let text = message { _ = try run(in: folder, ["training.learning-rate=0.5"], resuming: true) }
      #expect(text.contains("training.learning-rate was 0.01 and is now 0.5"), "\(text)")
      #expect(text.contains("step-00000001"), "\(text)")
      let added = message { _ = try run(in: folder, ["method.dual-clip=3"], resuming: true) }
      #expect(added.contains("method.dual-clip"), "\(added)")
      #expect(try contents(metrics) == before)
      // More steps are no other run.
      #expect(try run(in: folder, ["training.steps=2"], resuming: true).steps == [2])
    }
  }

  @Test func aRunOlderThanASettingIsResumedWithItsDefault() throws {
    try withTemporaryFolder { folder in
      _ = try run(in: folder, ["training.steps=1"])
      let state = folder.appending(path: "run/checkpoints/step-00000001/state.json")
      let older = String(decoding: try contents(state), as: UTF8.self)
        .replacing("  dual-clip: null\\n", with: "")
      #expect(older.utf8.count < (try contents(state)).count)
      try Data(older.utf8).write(to: state)
      let refused = message { _ = try run(in: folder, ["method.dual-clip=3"], resuming: true) }
      #expect(
        refused.contains("method.dual-clip was absent (null by default) and is now 3"), "\(refused)"
      )
      var notes: [String] = []
      let configuration = try Digits.run(in: folder, Self.lines + ["training.steps=2"])
      _ = try TrainingRun(Workspace(configuration), resuming: true).run(tell: { event in
        if case .note(let text) = event { notes.append(text) }
      })
      #expect(
        notes.count == 1 && notes[0].hasSuffix("defaults: method.dual-clip = null"), "\(notes)")
    }
  }

  @Test func aRunIsNeverOverwritten() throws {
    try withTemporaryFolder { folder in
      _ = try run(in: folder, ["training.steps=1"])
      let before = try contents(folder.appending(path: "run/metrics.jsonl"))
      let text = message { _ = try run(in: folder, ["training.steps=1"]) }
      #expect(text.contains("a run is already there") && text.contains("--resume"), "\(text)")
      #expect(try contents(folder.appending(path: "run/metrics.jsonl")) == before)
    }
  }

  @Test func thereMustBeARunToResume() throws {
    try withTemporaryFolder { folder in
      let text = message { _ = try run(in: folder, [], resuming: true) }
      #expect(text.contains("no run to resume"), "\(text)")
    }
  }

  @Test func onlyTheLatestCheckpointsStay() throws {
    try withTemporaryFolder { folder in
      _ = try run(in: folder, ["training.keep-checkpoints=2"])
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "run/checkpoints").path)
      #expect(names.sorted() == ["step-00000003", "step-00000004"])
      let latest = try Checkpoint.latest(in: folder.appending(path: "run/checkpoints"))
      #expect(latest?.state.step == 4)
      #expect(latest?.state.problemCursor == 16)
    }
  }

  @Test func aDamagedCheckpointIsNamed() throws {
    try withTemporaryFolder { folder in
      _ = try run(in: folder, ["training.steps=1"])
      let checkpoint = folder.appending(path: "run/checkpoints/step-00000001")
      let optimizer = checkpoint.appending(path: "optimizer.safetensors")
      let bytes = try contents(optimizer)
      try bytes.prefix(bytes.count / 2).write(to: optimizer)
      #expect(
        message { _ = try run(in: folder, [], resuming: true) }.contains("optimizer.safetensors"))
      try Data("{}".utf8).write(to: checkpoint.appending(path: "state.json"))
      #expect(message { _ = try run(in: folder, [], resuming: true) }.contains("state.json"))
    }
  }

  @Test func aLossThatIsNotFiniteEndsTheRunAndKeepsTheCheckpoint() throws {
    try withTemporaryFolder { folder in
      // A learning rate that makes every weight overflow: step 2 samples from nonsense.
      let lines = ["training.learning-rate=1e30", "training.max-gradient-norm=null"]
      #expect {
        _ = try run(
          in: folder, lines + ["training.evaluate-every=null", "training.warmup-steps=0"])
      } throws: { error in
        guard let error = error as? NonFiniteError else { return false }
        return error.step == 2 && error.rows.count == 32
          && "\(error)".contains("failed-batch.jsonl")
      }
      let dump = try contents(folder.appending(path: "run/failed-batch.jsonl"))
        .split(separator: UInt8(ascii: "\n"))
      #expect(dump.count == 32)
      for line in dump {
        let record = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        #expect(record["step"] as? Int == 2)
        #expect((record["prompt"] as? String)?.isEmpty == false)
      }
      let latest = try Checkpoint.latest(in: folder.appending(path: "run/checkpoints"))
      #expect(latest?.state.step == 1)
      #expect(try Metrics.read(folder.appending(path: "run/metrics.jsonl")).map(\.step) == [1])
    }
  }

  @Test func samplerAndTrainerMustAgree() throws {
    try withTemporaryFolder { folder in
      let text = message {
        _ = try run(in: folder, ["training.max-log-probability-gap=0"])
      }
      #expect(text.contains("training.max-log-probability-gap = 0.0"), "\(text)")
    }
  }
}
