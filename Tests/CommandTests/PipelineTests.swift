import Foundation
import Testing
import Training

@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct PipelineTests {
  @Test func warmUpFromScratchGivesAModelToEvaluate() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      try FileManager.default.removeItem(at: folder.appending(path: "base/model.safetensors"))
      let warmup = try materials.run(
        ["sft", "--scratch", "base/config.json", "--output", "warm", "--json"],
        ["task.data=null", "sft.steps=2", "sft.batch-size=4", "sft.examples=20"])
      #expect(warmup.status == 0, "\(warmup.errors)")
      #expect((try object(warmup.output)["loss"] as? Double ?? 0) > 0)
      #expect(try materials.lines("warm/metrics.jsonl").count == 2)
      #expect(materials.exists("warm/model/model.safetensors"))

      let evaluation = try materials.run(["eval", "--json"], ["model.path=warm/model"])
      #expect(evaluation.status == 0, "\(evaluation.errors)")
      let figures = try object(evaluation.output)
      #expect(figures["problems"] as? Int == 3)
      #expect(figures["samples"] as? Int == 2)
      #expect((figures["sampled"] as? [String: Any])?["accuracy"] != nil)
      let again = try materials.run(["eval", "--json"], ["model.path=warm/model"])
      #expect(again.output == evaluation.output)
      #expect(try materials.run(["eval"], ["model.path=warm/model"]).output.contains("3 problems"))

      expectRefusal(
        try materials.run(["sft", "--output", "warm"], ["task.data=null"]), ["already there"])
    }
  }

  @Test func sampledRolloutsHaveTheirLabels() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let command = ["sample", "--to", "rollouts.jsonl", "--count", "3"]
      let result = try materials.run(command, ["task.limit=4"])
      #expect(result.status == 0, "\(result.errors)")
      let rows = try materials.lines("rollouts.jsonl").map(object)
      #expect(rows.count == 12)
      #expect(Set(rows.compactMap { $0["problem_id"] as? String }).count == 4)
      #expect(rows.compactMap { $0["sample"] as? Int } == (0..<12).map { $0 % 3 })
      #expect(rows.allSatisfy { $0["correct"] is Bool && $0["completion"] is String })
      #expect(rows.allSatisfy { (1...6).contains(($0["completion_ids"] as? [Int])?.count ?? 0) })
      expectRefusal(try materials.run(command), ["rollouts.jsonl", "already there"])
      // A random model is never right: phase I says so instead of learning nothing.
      expectRefusal(
        try materials.run(["preference", "train", "--rollouts", "rollouts.jsonl", "--output", "p"]),
        ["12"])
    }
  }

  @Test func rolloutsOfAnotherModelAreRefusedWhereTheirWordsAreLost() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let lines = [true, false].map { correct in
        """
        {"question": "Let x be a root.", "completion": "Notice that the discriminant vanishes: x = 3.", \
        "correct": \(correct)}
        """
      }
      try lines.joined(separator: "\n").write(
        to: folder.appending(path: "others.jsonl"), atomically: true, encoding: .utf8)
      expectRefusal(
        try materials.run(["preference", "train", "--rollouts", "others.jsonl", "--output", "p"]),
        ["characters of the rollouts' completions", "--model"])
    }
  }

  @Test func generateWritesOneCompletion() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let command = ["generate", "--prompt", "Ann has 7 apples. She buys 5. How many?"]
      let sampled = try materials.run(command)
      #expect(sampled.status == 0, "\(sampled.errors)")
      #expect(!sampled.output.isEmpty)
      let greedy = try materials.run(command, ["rollouts.temperature=0"])
      #expect(greedy.status == 0, "\(greedy.errors)")
      #expect(
        try materials.run(command, ["rollouts.temperature=0", "run.seed=5"]).output == greedy.output
      )
    }
  }

  @Test func preferencesAreTrainedScoredAndUsed() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let training = try materials.run(
        [
          "preference", "train", "--rollouts", "solutions.jsonl", "--output", "preference",
          "--json",
        ],
        ["preference.classifier-epochs=1"])
      #expect(training.status == 0, "\(training.errors)")
      #expect(try !object(training.output).isEmpty)

      let given = ["--preference", "preference", "--rollouts", "solutions.jsonl"]
      let scores = try materials.run(["preference", "score"] + given)
      #expect(scores.status == 0, "\(scores.errors)")
      let rows = try scores.output.split(separator: "\n").map { try object(String($0)) }
      #expect(rows.count == 24)
      for row in rows {
        let steps = (row["steps"] as? [String])?.count ?? 0
        let forwards = row["pref_old_new"] as? [Double] ?? []
        let backwards = row["pref_new_old"] as? [Double] ?? []
        #expect(steps >= 2)
        #expect(forwards.count == steps - 1 && backwards.count == steps - 1)
        #expect((forwards + backwards).allSatisfy { (0...1).contains($0) })
      }
      let measured = try materials.run(["preference", "eval", "--json"] + given)
      #expect(measured.status == 0, "\(measured.errors)")
      #expect(try !object(measured.output).isEmpty)

      let trained = try materials.run(
        ["train", "--method", "ws-grpo", "--preference", "preference", "--output", "run"])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(materials.exists("run/model/model.safetensors"))
      let metrics = try Metrics.read(folder.appending(path: "run/metrics.jsonl"))
      #expect(metrics.count == 1)
      #expect(metrics[0]["steps/mean"] != nil)

      // Another encoder's features mean nothing to the preference model.
      try materials.writeModel("other", seed: 9)
      expectRefusal(
        try materials.run(["preference", "score"] + given, ["model.path=other"]),
        ["another encoder"])
    }
  }

  @Test func dryRunsWriteNothing() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let result = try materials.run(
        ["train", "--method", "dapo", "--dry-run", "--output", "run"])
      #expect(result.status == 0, "\(result.errors)")
      for text in [
        "departures from GRPO", "clip-high: 0.28", "2 prompts x 2 completions = 4", "MiB",
        "micro-batch-tokens: 16384",
      ] {
        #expect(result.output.contains(text), "\(text)")
      }
      #expect(!materials.exists("run"))
    }
  }

  @Test func aRunIsResumed() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let first = try materials.run(["train", "--output", "run"], ["training.steps=2"])
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.errors.contains("12 problems"), "the look at the data is missing")
      expectRefusal(
        try materials.run(["train", "--output", "run"], ["training.steps=3"]),
        ["already there", "--resume"])
      let second = try materials.run(
        ["train", "--resume", "--output", "run", "--json"], ["training.steps=3"])
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.errors.contains("going on after step 2 of 3"))
      #expect(try object(second.output)["outcome"] as? String == "finished")
      #expect(
        try Metrics.read(folder.appending(path: "run/metrics.jsonl")).map(\.step) == [1, 2, 3])
      expectRefusal(
        try materials.run(
          ["train", "--resume", "--output", "run"], ["training.learning-rate=0.1"]),
        ["training.learning-rate"])
      // The resolved configuration that was written says the same again.
      let again = try Program.run(
        ["train", "--config", "run/config.yaml", "--output", "again"], in: folder)
      #expect(again.status == 0, "\(again.errors)")
      #expect(try materials.lines("again/metrics.jsonl") == materials.lines("run/metrics.jsonl"))
    }
  }

  @Test func anInterruptedRunIsSavedAndGoesOn() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let metrics = folder.appending(path: "run/metrics.jsonl")
      let started = try materials.start(["train", "--output", "run"], ["training.steps=1000000"])
      func finishedSteps() throws -> Int {
        FileManager.default.fileExists(atPath: metrics.path) ? try Metrics.read(metrics).count : 0
      }
      while started.isRunning, try finishedSteps() < 1 { Thread.sleep(forTimeInterval: 0.02) }
      #expect(started.isRunning)
      started.interrupt()
      let result = try started.wait()
      #expect(result.status == 130, "\(result.errors)")
      let steps = try finishedSteps()
      #expect(result.errors.contains("stopped after step \(steps), saved in run"))
      #expect(!materials.exists("run/model"))
      let resumed = try materials.run(
        ["train", "--resume", "--output", "run"], ["training.steps=\(steps + 1)"])
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try Metrics.read(metrics).map(\.step) == Array(1...(steps + 1)))
      #expect(materials.exists("run/model/model.safetensors"))
    }
  }

  @Test func methodsAreComparedOverSeeds() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      try """
      contenders:
        short: {method: {name: ws-grpo, pref-control: length-only, kl-coef: 0}}
      """.write(to: folder.appending(path: "compare.yaml"), atomically: true, encoding: .utf8)
      let command = [
        "compare", "--config", "compare.yaml", "--methods", "grpo,dr-grpo", "--seeds", "2",
        "--output", "grid",
      ]
      let settings = ["training.steps=2", "training.evaluate-every=1"]
      let result = try materials.run(command, settings)
      #expect(result.status == 0, "\(result.errors)")
      let rows = result.output.split(separator: "\n").map { $0.split(separator: " ").first ?? "" }
      #expect(rows.prefix(5) == ["method", "base", "short", "grpo", "dr-grpo"])
      for name in ["short", "grpo", "dr-grpo"] {
        for seed in 0..<2 {
          #expect(materials.exists("grid/\(name)-seed\(seed)/model/model.safetensors"))
        }
      }
      #expect(materials.exists("grid/report.html"))
      #expect(try materials.lines("grid/table.md").count == 6)

      // A run that is missing is made again, and nothing else; the table is the same.
      let kept = folder.appending(path: "grid/grpo-seed1/model/model.safetensors")
      let date = try kept.resourceValues(forKeys: [.contentModificationDateKey])
        .contentModificationDate
      try FileManager.default.removeItem(at: folder.appending(path: "grid/short-seed0"))
      try FileManager.default.removeItem(at: folder.appending(path: "grid/short-seed0.json"))
      let again = try materials.run(command, settings)
      #expect(again.status == 0, "\(again.errors)")
      let cells = { (text: String) in
        text.split(separator: "\n").prefix(5).map { $0.split(separator: " ").dropLast() }
      }
      #expect(cells(again.output) == cells(result.output))
      #expect(date != nil)
      #expect(
        try URL(filePath: kept.path).resourceValues(
          forKeys: [.contentModificationDateKey]).contentModificationDate == date)

      // Another reference is only another table.
      let other = try materials.run(command + ["--reference", "short"], settings)
      #expect(other.status == 0, "\(other.errors)")
      #expect(other.output.contains("minus short [95 %]"))
      #expect(try materials.lines("grid/frontier.svg").contains { $0.contains(">short</text>") })
      expectRefusal(
        try materials.run(command + ["--reference", "long"], settings),
        ["long", "short", "dr-grpo"])

      // What is there is not taken for what other settings would give.
      expectRefusal(
        try materials.run(command, settings + ["training.learning-rate=0.5"]),
        ["grid/base.yaml", "training.learning-rate", "0.5"])
      expectRefusal(
        try materials.run(command, ["training.steps=3", "training.evaluate-every=1"]),
        ["training.steps was 2 and is now 3"])
      try """
      contenders:
        short: {method: {name: ws-grpo, pref-control: constant, kl-coef: 0}}
      """.write(to: folder.appending(path: "compare.yaml"), atomically: true, encoding: .utf8)
      expectRefusal(
        try materials.run(command, settings),
        ["grid/short-seed0/config.yaml", "method.pref-control", "constant"])

      expectRefusal(try materials.run(["compare", "--output", "none"]), ["--methods"])
      expectRefusal(
        try materials.run(["compare", "--methods", "grpo,grppo", "--output", "none"]),
        ["grppo", "nearest is grpo"])
      expectRefusal(
        try materials.run(["compare", "--methods", "grpo,grpo", "--output", "none"]), ["twice"])
    }
  }
}
