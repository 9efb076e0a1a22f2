import Foundation
import PolicyOptimization
import PrefixPreference
import Settings
import Tasks
import Testing
import Torch

@testable import Training

/// DaGRPO in the loop: scores of completions, and expert solutions in hard groups.
@Suite struct DaGRPOTrainingTests {
  private static let base = ["method.name=dagrpo", "method.distinct-threshold=-1"]

  private func report(
    _ lines: [String], problems: [Problem] = Digits.problems,
    task: any ReasoningTask = FirstDigitTask(), head: PreferenceHead.Kind? = nil
  ) throws -> StepReport {
    let configuration = try Digits.configuration(Self.base + lines)
    let model = try Digits.model()
    let preference = try head.map { kind in
      try PreferenceModel(
        encoder: CausalPrefixEncoder(model.model),
        head: PreferenceHead(
          kind: kind, width: model.model.configuration.hiddenSize, arrangement: .separate,
          hidden: 8, generator: RandomGenerator(seed: 3)))
    }
    let trainer = try PolicyTrainer(
      configuration, model: model, reference: nil, task: task, problems: problems,
      preference: preference, segmenter: configuration.segmenter)
    var reports: [StepReport] = []
    try trainer.run {
      reports.append($0)
      return false
    }
    return try #require(reports.first)
  }

  private func groups(_ report: StepReport) -> [[AssessedRollouts.Row]] {
    Dictionary(grouping: report.rollouts.rows, by: \.group).sorted { $0.key < $1.key }.map(\.value)
  }

  private static let solved = Digits.problems.map {
    Problem(id: $0.id, prompt: $0.prompt, answer: $0.answer, solution: $0.answer)
  }

  private static let hard = Digits.problems.map {
    Problem(id: $0.id, prompt: $0.prompt, answer: $0.answer, solution: HardTask.solution)
  }

  // MARK: scores

  @Test(arguments: [("edit-similarity", 0.3), ("token-overlap", 0.3), ("log-probability", 0.03)])
  func theThresholdMasksWhatTheScorerFindsAlike(scorer: String, threshold: Double) throws {
    let lines = ["method.scorer=\(scorer)"]
    let all = try report(lines)
    #expect(all.metrics["distinct/masked_pairs"] == 0)
    #expect(all.metrics["distinct/unscored"] == 0)
    let some = try report(lines + ["method.distinct-threshold=\(threshold)"])
    let masked = some.metrics["distinct/masked_pairs"] ?? 0
    #expect(0 < masked && masked < 1, "\(masked)")
    let none = try report(lines + ["method.distinct-threshold=1.01"])
    #expect(none.metrics["distinct/masked_pairs"] == 1)
    #expect(none.rollouts.rows.allSatisfy { $0.advantage == 0 })
  }

  @Test func valuesOrPreferencesOfPrefixesAreScores() throws {
    let lines = ["method.scorer=prefix-preference", "method.distinct-threshold=1.01"]
    // One step a solution: a value, but no pair of successive prefixes to prefer.
    let valued = try report(lines, head: .bradleyTerry)
    #expect(valued.metrics["distinct/unscored"] == 0)
    #expect(valued.metrics["distinct/masked_pairs"] == 1)
    let single = try report(lines, head: .pairwise)
    #expect(single.metrics["distinct/unscored"] == 1)
    #expect(single.metrics["distinct/masked_pairs"] == 0)
    let many = try report(
      lines + ["steps.segmentation=token-chunk", "steps.chunk-tokens=1"], head: .pairwise)
    let oneToken = many.rollouts.rows.count { $0.completion.stepCount < 2 }
    #expect(oneToken < many.rollouts.rows.count)
    #expect(
      many.metrics["distinct/unscored"] == Double(oneToken) / Double(many.rollouts.rows.count))
    #expect((many.metrics["distinct/distance_right_wrong"] ?? 0) > 0)
    let without = message { _ = try report(lines) }
    #expect(without.contains("preference"), "\(without)")
  }

  @Test func similarityIsToTheBestOfTheGroup() throws {
    let report = try report(["method.scorer=edit-similarity", "method.distinct-threshold=0.5"])
    var compared = 0
    for rows in groups(report) {
      let ids = rows.map(\.completion.trajectory.completionIDs)
      let best = rows.firstIndex { $0.completion.verdict.correct } ?? 0
      let scores = ids.map { TokenSimilarity.edit($0, ids[best]) }
      for i in rows.indices {
        let sum = rows.indices.reduce(0.0) { sum, j in
          abs(scores[i] - scores[j]) >= 0.5 ? sum + rows[i].reward - rows[j].reward : sum
        }
        #expect(sum * rows[i].advantage >= 0 && (sum == 0) == (rows[i].advantage == 0))
        if sum != 0 { compared += 1 }
      }
    }
    #expect(compared > 0, "nothing to compare")
  }

  private func scored(by command: String, threshold: Double = 0.5) throws -> StepReport {
    try report([
      "method.scorer=command", "method.scorer-command=\(command)",
      "method.distinct-threshold=\(threshold)",
    ])
  }

  @Test func aProgramScoresCompletions() throws {
    // Right answers 1, wrong ones 0: no pair with different rewards is masked.
    let judge =
      #"sed -u -e 's/.*"correct":true.*/{"score": 1}/' -e 's/.*"correct":false.*/{"score":0}/'"#
    let apart = try scored(by: judge)
    #expect(apart.metrics["distinct/masked_pairs"] == 0)
    #expect(apart.metrics["distinct/distance_right_wrong"] == 1)
    #expect(apart.rollouts.notices.isEmpty)
    let alike = try scored(by: #"sed -u 's/.*/{"score": 0.5}/'"#)
    #expect(alike.metrics["distinct/masked_pairs"] == 1)
    let silent = try scored(by: #"sed -u 's/.*/{"score": null}/'"#)
    #expect(silent.metrics["distinct/unscored"] == 1)
    #expect(silent.metrics["distinct/masked_pairs"] == 0)
  }

  @Test(arguments: [
    ("echo no such model >&2; exit 3", 32, ["status 3", "no such model"]),
    ("head -n 2 | sed 's/.*/{\"score\": 1}/'", 30, ["status 0 after 2 scores"]),
    ("sed -u 's/.*/{\"score\": 7}/'", 32, ["completion 1 is 7.0", "[0.0, 1.0]"]),
    ("sed -u 's/.*/{\"score\": \"good\"}/'", 32, ["line 1", "good"]),
    ("sed -u 's/.*/{\"value\": 1}/'", 32, ["line 1", "value"]),
    ("sed -u 's/{//'", 32, ["line 1", "expected {\"score\": NUMBER}"]),
  ])
  func whatAProgramDoesWrongIsToldAndCostsItsScores(
    command: String, lost: Int, named: [String]
  ) throws {
    let report = try scored(by: command)
    let told = report.warnings.filter { $0.hasPrefix("method.scorer-command: ") }
    #expect(told.count == 1)
    #expect(
      (["\(lost) of 32 completions"] + named).allSatisfy { told.first?.contains($0) == true },
      "\(told)")
    #expect(report.metrics["distinct/unscored"] == Double(lost) / 32)
    #expect(report.metrics["distinct/errors"] == Double(lost))
  }

  // MARK: anchors

  @Test func hardGroupsGetTheExpertsSolution() throws {
    let report = try report(["method.anchor-mode=append"], problems: Self.hard, task: HardTask())
    #expect(report.metrics["anchors/hard_prompts"] == 1)
    #expect(report.metrics["anchors/used"] == 4)
    #expect(report.metrics["anchors/missing"] == 0)
    for rows in groups(report) {
      #expect(rows.count == 9)
      #expect(rows.map(\.isAnchor) == Array(repeating: false, count: 8) + [true])
      let anchor = rows[8]
      #expect(anchor.completion.text == HardTask.solution)
      #expect(anchor.completion.trajectory.completionIDs.last == 2, "the end token")
      #expect(anchor.reward == 1 && anchor.advantage > 0)
      #expect(rows.prefix(8).allSatisfy { $0.reward == 0 && $0.advantage < 0 })
      #expect(anchor.completion.trajectory.promptIDs == rows[0].completion.trajectory.promptIDs)
    }
    // Figures of completions are those of the policy.
    #expect(report.metrics["accuracy"] == 0)
    let sampled = report.rollouts.rows.filter { !$0.isAnchor }
    let lengths = sampled.map { Double($0.completion.trajectory.completionIDs.count) }
    #expect(abs((report.metrics["completions/mean_length"] ?? 0) - lengths.mean) < 1e-12)
    #expect((report.metrics["sampling/max_log_probability_gap"] ?? .nan) < 1e-4)
    #expect((report.metrics["anchors/probability"] ?? 0) > 0)
    #expect((report.metrics["grad_norm"] ?? 0) > 0)
    let record = try CompletionRecord(try #require(report.rollouts.rows.last), step: 1).json()
    #expect(record.contains(#""anchor":true"#))
  }

  @Test func replacingKeepsTheGroupsSize() throws {
    let report = try report(
      ["method.anchor-mode=replace", "training.minibatches=2", "training.epochs-per-batch=2"],
      problems: Self.hard, task: HardTask())
    for rows in groups(report) {
      #expect(rows.map(\.isAnchor) == Array(repeating: false, count: 7) + [true])
    }
    #expect((report.metrics["sampling/max_log_probability_gap"] ?? .nan) < 1e-4)
  }

  @Test func solvableGroupsKeepTheirRollouts() throws {
    let report = try report(["method.anchor-mode=append"], problems: Self.solved)
    for rows in groups(report) {
      let sampled = rows.filter { !$0.isAnchor }
      #expect(sampled.count == 8)
      let isHard = sampled.allSatisfy { !$0.completion.verdict.correct }
      #expect(rows.contains(where: \.isAnchor) == isHard)
    }
    let anyway = try self.report(
      ["method.anchor-mode=append", "method.hard-rate=1", "rollouts.max-completion=8"],
      problems: Self.solved)
    #expect(anyway.metrics["anchors/used"] == 4)
  }

  @Test func wrongAndOverlongSolutionsAreNotUsed() throws {
    func missing(_ solution: String) throws -> Double? {
      let problems = Self.solved.map {
        Problem(id: $0.id, prompt: $0.prompt, answer: $0.answer, solution: solution)
      }
      return try report(["method.anchor-mode=append"], problems: problems, task: HardTask())
        .metrics["anchors/missing"]
    }
    #expect(try missing("1") == 4)
    #expect(try missing(HardTask.solution + "123") == 4, "one token more than allowed")
    #expect(try missing(HardTask.solution) == 0)
  }

  @Test func solutionsComeFromAFile() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "experts.jsonl")
      func trained(_ text: String) throws -> StepReport {
        try Data(text.utf8).write(to: file)
        return try report(
          ["method.anchor-mode=append", "task.expert-solutions=\(file.path)"], task: HardTask())
      }
      let solutions = (0..<7).map { "{\"id\":\"\($0)\",\"solution\":\"\(HardTask.solution)\"}\n" }
      let used = try trained(solutions.joined()).metrics["anchors/used"]
      #expect(used == 4)
      let strangers = message { _ = try trained(#"{"id":"x","solution":"1"}"#) }
      #expect(strangers.contains("task.expert-solutions") && strangers.contains("\"0\""))
      let twice = message { _ = try trained(solutions[0] + solutions[0]) }
      #expect(twice.contains("experts.jsonl") && twice.contains("line 1"), "\(twice)")
      let column = message { _ = try trained(#"{"id":"0","answer":"1"}"#) }
      #expect(column.contains("solution"), "\(column)")
    }
  }

  @Test func anchorsNeedSolutions() {
    let text = message { _ = try report(["method.anchor-mode=append"]) }
    #expect(text.contains("task.expert-solutions"), "\(text)")
  }

  @Test func theEmbeddedTaskSolvesItsOwnProblems() throws {
    let task = EmbeddedTask()
    let problem = try #require(task.problems(count: 1, split: .train, seed: 0).first)
    let experts = try ExpertSolutions(of: [problem], task: task, file: nil)
    let text = try #require(experts.text(for: problem))
    #expect(task.verify(completion: text, problem: problem).correct)
  }
}

/// A task whose answer a random network hardly ever finds.
private struct HardTask: ReasoningTask {
  static let solution = "1:,1"
  var template = PromptTemplate.question
  var name: String { "hard" }
  var summary: String { "one answer for all" }
  var citation: String { "" }

  func problem(from record: JSONRecord, columns: DataColumns) throws(DataError) -> Problem {
    try DigitsTask().problem(from: record, columns: columns)
  }

  func goldIsParseable(_ problem: Problem) -> Bool { true }

  func extractAnswer(_ completion: String) -> String? { completion }

  func verify(completion: String, problem: Problem) -> Verdict {
    Verdict(
      correct: completion.hasPrefix(Self.solution), extracted: completion, gold: Self.solution,
      reason: "the beginning decides")
  }
}
