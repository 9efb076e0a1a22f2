import Foundation
import Models
import Rollouts
import Testing
import Torch

@testable import Training

@Suite struct AdapterTrainingTests {
  private static let lora = [
    "adapter.rank=2", "adapter.alpha=4", "adapter.targets=[q_proj, v_proj, down_proj]",
  ]

  /// A run with LoRA in `folder`: the model's folder and the figures of every step.
  @discardableResult
  private func run(
    in folder: URL, _ lines: [String] = [], resuming: Bool = false, stoppingAfter stop: Int? = nil
  ) throws -> [Metrics] {
    let configuration = try Digits.run(in: folder, Self.lora + lines)
    var steps: [Metrics] = []
    _ = try TrainingRun(Workspace(configuration), resuming: resuming).run(
      shouldStop: { steps.count == stop }
    ) { event in
      if case .step(let report, _) = event { steps.append(report.metrics) }
    }
    return steps
  }

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func aResumedRunIsTheUninterruptedOneByteByByte() throws {
    let lines = [
      "adapter.dropout=0.2", "method.kl-coef=0.05", "training.save-every=1",
      "training.minibatches=2", "training.max-log-probability-gap=1e-3",
    ]
    try withTemporaryFolder { folder in
      let whole = folder.appending(path: "whole")
      let parts = folder.appending(path: "parts")
      for folder in [whole, parts] { try AtomicFile.createFolder(folder) }
      try run(in: whole, lines)
      #expect(try run(in: parts, lines, stoppingAfter: 2).count == 2)
      #expect(try run(in: parts, lines, resuming: true).map(\.step) == [3, 4])
      for name in ["metrics.jsonl", "completions.jsonl", "model/adapter_model.safetensors"] {
        let path = "run/\(name)"
        #expect(
          try Data(contentsOf: whole.appending(path: path))
            == Data(contentsOf: parts.appending(path: path)), "\(name)")
      }
      // Neither the checkpoint nor the moments hold the base.
      let checkpoint = whole.appending(path: "run/checkpoints/step-00000004")
      #expect(
        try names(checkpoint) == [
          "adapter_config.json", "adapter_model.safetensors", "optimizer.safetensors", "state.json",
          "tokenizer.json", "tokenizer_config.json",
        ])
      let adapter = try SafetensorsFile(checkpoint.appending(path: "adapter_model.safetensors"))
      let moments = try SafetensorsFile(checkpoint.appending(path: "optimizer.safetensors"))
      #expect(
        Set(moments.names)
          == Set(adapter.names.flatMap { ["first.\($0)", "second.\($0)", "step.\($0)"] }))
      // 2 layers, 3 maps, A and B.
      #expect(adapter.names.count == 2 * 3 * 2)
    }
  }

  @Test func theReferenceIsTheBase() throws {
    let pull = ["method.kl-coef=0.05"]
    try withTemporaryFolder { folder in
      let kl = try run(in: folder, pull).compactMap { $0["kl"] }
      #expect(kl.count == 4)
      // A new adapter changes nothing yet.
      #expect(abs(kl[0]) < 1e-5 && kl[3] > 1e-4, "\(kl)")
      // Going on from the adapter, the pull is to the base still.
      let trained = folder.appending(path: "run/model").path
      let again = try run(
        in: folder,
        pull + [
          "adapter.path=\(trained)", "training.steps=1",
          "run.output=\(folder.appending(path: "again").path)",
        ]
      ).map { $0["kl"] }
      #expect(again.count == 1 && again.allSatisfy { $0 ?? 0 > 1e-4 }, "\(again)")
    }
  }

  @Test func theAdapterAloneIsTrained() throws {
    try withTemporaryFolder { folder in
      let configuration = try Digits.run(in: folder, Self.lora)
      let workspace = try Workspace(configuration)
      let policy = try workspace.policy()
      let before = policy.model.parameters.map(\.tensor.floats)
      let adapter = policy.model.trainedParameters.map(\.tensor.floats)
      let trainer = try PolicyTrainer(
        configuration, model: policy, reference: nil, task: workspace.task,
        problems: workspace.trainingProblems(), preference: nil, segmenter: workspace.segmenter)
      #expect(
        trainer.optimizer.parameters.map(\.name) == policy.model.trainedParameters.map(\.name))
      try trainer.run { _ in true }
      #expect(policy.model.parameters.map(\.tensor.floats) == before)
      for (own, (name, tensor)) in zip(adapter, policy.model.trainedParameters) {
        #expect(tensor.floats != own, "\(name)")
      }
    }
  }

  @Test func warmUpWritesAnAdapterThatNamesItsBase() throws {
    try withTemporaryFolder { folder in
      let pairs = folder.appending(path: "pairs.jsonl")
      try Data("{\"prompt\":\"8,3:9,2\",\"completion\":\"7,2\"}\n".utf8).write(to: pairs)
      let lines = [
        "task.data=\(pairs.path)", "sft.steps=30", "sft.batch-size=2", "sft.learning-rate=0.05",
        "sft.warmup-steps=0",
      ]
      let full = try Digits.run(in: folder, lines + Self.lora + ["adapter.dropout=0.1"])
      var losses: [Double] = []
      let (model, _) = try SupervisedRun(Workspace(full)).run { metrics in
        losses.append(metrics["loss"] ?? .nan)
      }
      #expect(losses.count == 30 && losses[29] < losses[0] / 2, "\(losses)")
      #expect(
        try names(model) == [
          "adapter_config.json", "adapter_model.safetensors", "tokenizer.json",
          "tokenizer_config.json",
        ])
      // As the model, on the base that it names, and as an adapter on the base.
      let alone = try Workspace(Digits.configuration(["model.path=\(model.path)"]))
      let beside = try Workspace(Digits.run(in: folder, ["adapter.path=\(model.path)"]))
      let base = folder.appending(path: "base")
      #expect(try alone.modelFolder().path == base.path)
      let prompts = Digits.prompts.map { Prompt(ids: [1] + $0.utf8.map { Int($0 % 13) }, key: 0) }
      func completions(_ workspace: Workspace) throws -> [[Int]] {
        let loaded = try workspace.model()
        return Sampler(
          model: loaded.model, settings: workspace.configuration.rollouts,
          endTokens: loaded.endTokens
        ).sample(prompts, completions: 2, stream: RandomStream(seed: 1)).flatMap(\.self)
          .map(\.completionIDs)
      }
      let adapted = try completions(alone)
      #expect(try completions(beside) == adapted)
      #expect(try completions(Workspace(Digits.run(in: folder))) != adapted)
    }
  }

  @Test func whatSamplesIsWhatIsTrained() throws {
    try withTemporaryFolder { folder in
      for dropout in [0, 0.3] {
        let steps = try run(
          in: folder,
          [
            "adapter.dropout=\(dropout)",
            "run.output=\(folder.appending(path: "run-\(dropout)").path)",
          ])
        let gaps = steps.compactMap { $0["sampling/max_log_probability_gap"] }
        // Merged copies in sampling, updates beside the weights in training: rounding alone differs.
        #expect(gaps.count == 4 && gaps.allSatisfy { $0 < 1e-4 }, "\(gaps)")
      }
    }
  }

  @Test func memoryIsThatOfTheAdapter() throws {
    try withTemporaryFolder { folder in
      let pull = ["method.kl-coef=0.05"]
      let full = try DryRun(Workspace(Digits.run(in: folder, pull))).text
      let lora = try DryRun(Workspace(Digits.run(in: folder, pull + Self.lora))).text
      #expect(full.contains("all 4928 parameters are trained") && full.contains("reference policy"))
      // A and B of rank 2: q_proj 16 + 16, v_proj 16 + 8, down_proj 32 + 16, in 2 layers.
      #expect(lora.contains("LoRA trains 416 parameters beside the model's 4928"), "\(lora)")
      #expect(!lora.contains("reference policy"))
      let workspace = try Workspace(Digits.run(in: folder, pull + Self.lora))
      let estimate = try MemoryEstimate(
        model: ModelConfiguration(folder: workspace.modelFolder()),
        adapter: workspace.trainedAdapter(), configuration: workspace.configuration)
      let bytes = Dictionary(uniqueKeysWithValues: estimate.parts.map { ($0.name, $0.bytes) })
      #expect(bytes["adapter"] == 416 * 4 && bytes["gradients"] == 416 * 4)
      #expect(bytes["AdamW's moments"] == 2 * 416 * 4)
      #expect(
        bytes["copies of adapted weights while sampling"] == 2 * (16 * 16 + 8 * 16 + 16 * 32) * 4)
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    try withTemporaryFolder { folder in
      func problem(_ lines: [String]) -> String {
        message { _ = try Workspace(Digits.run(in: folder, lines)).policy() }
      }
      #expect(problem(["adapter.rank=0"]).contains("adapter.rank is 0, expected a whole number"))
      #expect(problem(["adapter.rank=2", "adapter.dropout=1"]).contains("adapter.dropout is 1"))
      #expect(problem(["adapter.rank=2", "adapter.alpha=0"]).contains("adapter.alpha is 0"))
      #expect(problem(["adapter.rnk=2"]).contains("the nearest key is adapter.rank"))
      #expect(
        problem(["adapter.rank=2", "adapter.targets=[q_prj]"]).contains("the nearest is q_proj"))
      #expect(
        problem(["adapter.rank=2", "adapter.targets=[]"]).contains("adapter.targets is empty"))
      try run(in: folder, ["training.steps=1"])
      let trained = folder.appending(path: "run/model").path
      let again = ["adapter.path=\(trained)"]
      #expect(
        problem(again + ["adapter.rank=3"]).contains(
          "adapter.rank is 3, but the adapter that training goes on from has 2"))
      #expect(
        problem(again + ["adapter.rank=2", "adapter.alpha=4"]).contains("adapter.targets"))
      #expect(problem(again + Self.lora) == "nothing was thrown")
      #expect(
        message {
          _ = try Workspace(Digits.configuration(again + ["model.path=\(trained)"])).model()
        }
        .contains("both name an adapter"))
      try FileManager.default.removeItem(at: folder.appending(path: "base"))
      #expect(
        message { _ = try Workspace(Digits.configuration(["model.path=\(trained)"])).model() }
          .contains("base_model_name_or_path is"))
    }
  }
}
