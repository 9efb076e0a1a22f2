import Foundation
import Testing

/// The configuration for the paper's models holds without their weights.
@Suite("The paper's configuration")
struct PaperConfigurationTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Configurations/paper")

  @Test(
    "A dry run names the batch, the paper's settings, and memory by the model's shape",
    arguments: [
      // Parameters of four bytes, in MiB, as the models' own pages count them: 8.03, 3.21, 7.62, 4.02 billion.
      ("Llama-3.1-8B-Instruct", 30_633.0), ("Llama-3.2-3B-Instruct", 12_255.7),
      ("Qwen2.5-7B-Instruct", 29_051.3), ("Qwen3-4B-Instruct", 15_344.5),
    ])
  func dryRun(model: String, weights: Double) throws {
    try withTemporaryFolder { folder in
      let result = try Program.run(
        [
          "train", "--config", Self.folder.appending(path: "ws-grpo.yaml").path, "--model",
          Self.folder.appending(path: "shapes/\(model)").path, "--task", "gsm8k", "--data",
          "train.jsonl", "--dry-run", "--output", "run",
        ], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      for text in [
        "16 prompts x 8 completions = 128", "preset: paper", "pref-weight: 0.1",
        "learning-rate: 1e-05", "phase1-rollouts: 4", "prefix-head: pairwise",
        "weights: \(weights) MiB",
      ] {
        #expect(result.output.contains(text), "\(text)")
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "run").path))
    }
  }
}
