import Foundation
import Testing

@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct AdapterTests {
  private static let lora = ["adapter.rank=2", "adapter.use-rslora=true", "adapter.dropout=0.1"]

  /// An adapter in `run/model` that a step of training has moved.
  private func trained(_ materials: Materials) throws {
    // Untrained answers are all wrong: the supervised loss always moves the adapter.
    let result = try materials.run(
      ["sft", "--output", "run"],
      Self.lora + [
        "task.data=null", "sft.steps=2", "sft.batch-size=4", "sft.examples=8",
        "sft.learning-rate=0.1", "sft.warmup-steps=0",
      ])
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test func anAdapterIsTrainedEvaluatedAndMerged() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      try trained(materials)
      #expect(materials.exists("run/model/adapter_model.safetensors"))
      #expect(!materials.exists("run/model/model.safetensors"))

      func evaluated(_ arguments: [String], _ more: [String] = []) throws -> String {
        let result = try materials.run(["eval", "--json"] + arguments, more)
        #expect(result.status == 0, "\(result.errors)")
        return result.output
      }
      let base = try evaluated([])
      let beside = try evaluated(["--adapter", "run/model"])
      #expect(beside != base)
      #expect(try evaluated([], ["model.path=run/model"]) == beside)

      for merge in [["--model", "base"], []] {
        let name = "merged-\(merge.count)"
        let result = try Program.run(
          ["merge", "--adapter", "run/model", "--to", name] + merge, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try evaluated([], ["model.path=\(name)"]) == beside)
        #expect(!materials.exists("\(name)/adapter_config.json"))
      }
      let half = try Program.run(
        ["merge", "--adapter", "run/model", "--to", "half", "--precision", "bfloat16"], in: folder)
      #expect(half.status == 0, "\(half.errors)")
      #expect(try materials.lines("half/config.json").joined().contains("bfloat16"))

      let written = try materials.run(
        ["generate", "--adapter", "run/model", "--prompt", "How many?"])
      #expect(written.status == 0 && !written.output.isEmpty, "\(written.errors)")
      let sampled = try materials.run(
        ["sample", "--adapter", "run/model", "--to", "rollouts.jsonl"], ["task.limit=1"])
      #expect(sampled.status == 0, "\(sampled.errors)")
    }
  }

  @Test func policyOptimizationGoesOnFromAnAdapter() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      try trained(materials)
      let command = ["train", "--adapter", "run/model", "--output", "next"]
      let plan = try materials.run(command + ["--dry-run"])
      #expect(plan.output.contains("LoRA trains"), "\(plan.errors)")
      let result = try materials.run(command)
      #expect(result.status == 0, "\(result.errors)")
      #expect(materials.exists("next/model/adapter_model.safetensors"))
      #expect(!materials.exists("next/checkpoints/step-00000001/model.safetensors"))
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let train = ["train", "--output", "other"]
      expectRefusal(
        try materials.run(train, ["adapter.rank=2", "adapter.targets=[q_prj]"]),
        ["q_prj", "the nearest is q_proj"])
      expectRefusal(try materials.run(train, ["adapter.rank=0"]), ["adapter.rank is 0"])
      expectRefusal(
        try materials.run(train, ["adapter.rank=2", "adapter.dropout=1.5"]),
        ["adapter.dropout is 1.5"])
      expectRefusal(
        try materials.run(
          ["sft", "--scratch", "base/config.json", "--output", "other"], ["adapter.rank=2"]),
        ["adapter.rank", "random weights"])
      expectRefusal(
        try materials.run(["eval", "--adapter", "base"]), ["base/adapter_config.json"])
      try trained(materials)
      expectRefusal(
        try Program.run(["merge", "--adapter", "run/model", "--to", "base"], in: folder),
        ["base", "already"])
      expectRefusal(
        try Program.run(["merge", "--adapter", "base", "--to", "merged"], in: folder),
        ["base/adapter_config.json", "no such file"])
      expectRefusal(
        try materials.run(["eval", "--adapter", "run/model"], ["model.path=run/model"]),
        ["adapter.path", "model.path"])
      #expect(!materials.exists("other") && !materials.exists("merged"))
    }
  }
}
