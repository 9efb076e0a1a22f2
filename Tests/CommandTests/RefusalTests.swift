import Foundation
import Testing

@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct RefusalTests {
  @Test func faultyDataIsNamedWithItsLine() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let problems = try materials.lines("problems.jsonl")
      let faults = [
        (problems[0] + "\n{\"question\": \n" + problems[1] + "\n", ["problems.jsonl:2"]),
        (problems[0] + "\n" + problems[1] + "\n[1]\n", ["problems.jsonl:3"]),
        (problems[0] + "\n{\"answer\": \"3\"}\n", ["problems.jsonl:2", "question"]),
        ("", ["problems.jsonl"]), ("\n\n", ["problems.jsonl"]),
      ]
      for (text, named) in faults {
        try Data(text.utf8).write(to: folder.appending(path: "problems.jsonl"))
        expectRefusal(try materials.run(["train", "--output", "run"]), named)
        #expect(!materials.exists("run"))
      }
      expectRefusal(
        try materials.run(["train", "--output", "run"], ["task.data=none.jsonl"]), ["none.jsonl"])
    }
  }

  @Test func aFaultyModelFolderIsNamed() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      expectRefusal(
        try materials.run(["train", "--output", "run"], ["model.path=none"]), ["none"])
      let weights = folder.appending(path: "base/model.safetensors")
      try Data(contentsOf: weights).prefix(1000).write(to: weights)
      expectRefusal(try materials.run(["train", "--output", "run"]), ["model.safetensors"])
      try Data("{".utf8).write(to: folder.appending(path: "base/config.json"))
      expectRefusal(try materials.run(["eval"]), ["config.json"])
    }
  }

  @Test func outputThatCannotBeWrittenIsNamed() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      // Below a file nobody can write, not even root.
      let below = "base/config.json/run"
      expectRefusal(try materials.run(["train", "--output", below]), [below])
      expectRefusal(
        try materials.run(["sft", "--output", below], ["task.data=null", "sft.examples=4"]), [below]
      )
      expectRefusal(try materials.run(["sample", "--to", below], ["task.limit=1"]), [below])
    }
  }

  @Test func configurationFilesAreNamedWithTheirLine() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let file = folder.appending(path: "run.yaml")
      try Data("training:\n  steps: 1\n  stepps: 2\n".utf8).write(to: file)
      expectRefusal(
        try materials.run(["train", "--config", "run.yaml"]),
        ["run.yaml:3", "unknown key training.stepps", "training.steps"])
      try Data("training:\n  steps: soon\n".utf8).write(to: file)
      expectRefusal(
        try materials.run(["train", "--config", "run.yaml"]),
        ["run.yaml:2", "soon", "whole number"])
      expectRefusal(try materials.run(["train", "--config", "none.yaml"]), ["none.yaml"])
    }
  }

  @Test func methodsSayWhatTheyMiss() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      expectRefusal(
        try materials.run(["train", "--method", "ws-grpo", "--output", "run"]),
        ["preference.path", "laconic preference train"])
      expectRefusal(
        try materials.run(["train", "--output", "run"], ["rollouts.temperature=0"]),
        ["rollouts.temperature"])
      expectRefusal(
        try materials.run(
          ["train", "--method", "dapo", "--output", "run"], ["method.overlong-buffer=100"]),
        ["method.overlong-buffer", "6 tokens"])
      #expect(!materials.exists("run"))
    }
  }
}
