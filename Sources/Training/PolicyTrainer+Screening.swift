import Foundation
import PolicyOptimization
import Rollouts

/// A place in the endless sequence of problems that is to be rolled out.
struct ScreenedPrompt {
  let place: Int
  /// The weight of its rows in the loss.
  let weight: Double
}

extension PolicyTrainer {
  /// The next problems to roll out: all of the next `wanted`, or what the method's screening leaves.
  func nextPrompts(
    _ wanted: Int
  ) throws -> (prompts: [ScreenedPrompt], metrics: PolicyOptimization.Metrics) {
    guard let screening else {
      return (takePlaces(wanted).map { ScreenedPrompt(place: $0, weight: 1) }, [:])
    }
    if screening.refills { return try streamedPrompts(wanted, screening) }
    let places = takePlaces(wanted)
    let decision = screening.screen(try candidates(places, screening), progress: progress)
    let prompts = decision.kept.enumerated().map { index, kept in
      ScreenedPrompt(
        place: places[places.startIndex + kept], weight: decision.weights?[index] ?? 1)
    }
    return (
      prompts, decision.metrics.merging(avoided(wanted - prompts.count)) { $1 }
    )
  }

  /// Problems in order until enough have passed the screening; the others of a batch wait.
  private func streamedPrompts(
    _ wanted: Int, _ screening: any PromptScreening
  ) throws -> (prompts: [ScreenedPrompt], metrics: PolicyOptimization.Metrics) {
    var metrics: PolicyOptimization.Metrics = [:]
    var sinceSurvivor: [(place: Int, candidate: PromptCandidate)] = []
    var filtered = 0
    while true {
      if let places = queue.next(wanted) {
        metrics.add(avoided(filtered))
        return (places.map { ScreenedPrompt(place: $0, weight: 1) }, metrics)
      }
      let places = takePlaces(wanted)
      let candidates = try candidates(places, screening)
      let decision = screening.screen(candidates, progress: progress)
      metrics.add(decision.metrics)
      queue.add(decision.kept.map { places[places.startIndex + $0] })
      filtered += candidates.count - decision.kept.count
      sinceSurvivor = decision.kept.isEmpty ? sinceSurvivor + zip(places, candidates) : []
      if sinceSurvivor.count >= problems.count {
        // A whole pass without a survivor: take what is nearest, or the run would never go on.
        let missing = wanted - queue.waiting.count
        let chosen = screening.fallback(
          among: sinceSurvivor.map(\.candidate), wanted: missing)
        queue.add(chosen.map { sinceSurvivor[$0].place })
        filtered -= chosen.count
        metrics["difficulty/widened"] = WeightedMetric(sum: 1, weight: 1)
      }
    }
  }

  private func takePlaces(_ count: Int) -> Range<Int> {
    defer { problemCursor += count }
    return problemCursor..<problemCursor + count
  }

  private func avoided(_ prompts: Int) -> PolicyOptimization.Metrics {
    let rollouts = prompts * configuration.training.groupSize
    return ["screening/rollouts_avoided": WeightedMetric(sum: Double(rollouts), weight: 1)]
  }

  private func candidates(
    _ places: Range<Int>, _ screening: any PromptScreening
  ) throws -> [PromptCandidate] {
    let chosen = order.indices(at: places).map { problems[$0] }
    var expected: [Double]?
    if screening.needsExpectedAccuracy(at: progress), let difficulty {
      let writer = model.promptWriter(task)
      expected = difficulty.expectedAccuracies(
        try chosen.map { try writer.prompt(for: $0).ids })
    }
    return zip(places, chosen).enumerated().map { index, candidate in
      PromptCandidate(
        id: candidate.1.id, draw: promptDraws.unit(candidate.0),
        expectedAccuracy: expected?[index])
    }
  }

  /// The estimator's step on the prompts of a step; nothing for a method without one.
  func trainDifficulty(_ rollouts: AssessedRollouts) throws -> PolicyOptimization.Metrics {
    guard let difficulty else { return [:] }
    let groups = Dictionary(grouping: rollouts.rows, by: \.group).sorted { $0.key < $1.key }
    let examples = groups.compactMap { _, rows -> DifficultyExample? in
      let target = DifficultyLoss.distillTarget(
        rows.map { $0.completion.trajectory.logProbabilities.map(Double.init) })
      return target.map { target in
        DifficultyExample(
          prompt: rows[0].completion.trajectory.promptIDs,
          accuracy: rows.map { $0.completion.verdict.correct ? 1 : 0 }.mean,
          distillTarget: target)
      }
    }
    guard !examples.isEmpty else { return [:] }
    return try difficulty.train(examples, seed: estimatorSeeds.bits(step))
  }

  /// Tells the screening what the step's rollouts gave.
  func observe(_ rollouts: AssessedRollouts) {
    guard screening != nil else { return }
    let groups = Dictionary(grouping: rollouts.rows, by: \.group).sorted { $0.key < $1.key }
    screening?.observe(
      groups.map { _, rows in
        PromptOutcome(id: rows[0].problem.id, advantages: rows.map(\.advantage))
      })
  }

  /// What the screening remembers, as JSON that reads back to the same bits.
  func encodedScreening() throws -> Data? {
    func encoded(_ screening: some PromptScreening) throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try encoder.encode(screening.state)
    }
    return try screening.map { try encoded($0) }
  }

  /// Gives the screening its memory back.
  ///
  /// - Throws: `FileError` when it is another method's.
  func restoreScreening(_ data: Data, from checkpoint: Checkpoint) throws {
    func restore(_ screening: inout some PromptScreening) throws {
      screening.state = try JSONDecoder().decode(type(of: screening).State, from: data)
    }
    guard var screening else { return }
    do {
      try restore(&screening)
    } catch {
      throw FileError(
        "\(checkpoint.folder.path): what \(configuration.method.name) remembers of prompts cannot be "
          + "read: \(error)")
    }
    self.screening = screening
  }

  // Streams of their own, far from those of steps and prompts, which are numbered from 0.
  private var promptDraws: RandomStream { stream.substream(.max) }
  /// One number per completion of a step.
  var completionDraws: RandomStream { stream.substream(.max - 1) }
  /// One seed per step of the estimator.
  private var estimatorSeeds: RandomStream { stream.substream(.max - 2) }
}

extension RandomStream {
  /// A number in [0, 1) for `position`, with 53 random bits.
  func unit(_ position: Int) -> Double { Double(bits(position) >> 11) * 0x1p-53 }
}
