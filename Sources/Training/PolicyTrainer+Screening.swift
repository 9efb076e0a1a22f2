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
    let places = problemCursor..<problemCursor + wanted
    problemCursor += wanted
    guard let screening else {
      return (places.map { ScreenedPrompt(place: $0, weight: 1) }, [:])
    }
    let decision = screening.screen(candidates(places), progress: progress)
    let prompts = decision.kept.enumerated().map { index, kept in
      ScreenedPrompt(
        place: places[places.startIndex + kept], weight: decision.weights?[index] ?? 1)
    }
    var metrics = decision.metrics
    metrics["screening/rollouts_avoided"] = WeightedMetric(
      sum: Double((wanted - prompts.count) * configuration.training.groupSize), weight: 1)
    return (prompts, metrics)
  }

  private func candidates(_ places: Range<Int>) -> [PromptCandidate] {
    zip(places, order.indices(from: places.lowerBound, count: places.count)).map { place, index in
      PromptCandidate(id: problems[index].id, draw: promptDraws.unit(place))
    }
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
}

extension RandomStream {
  /// A number in [0, 1) for `position`, with 53 random bits.
  func unit(_ position: Int) -> Double { Double(bits(position) >> 11) * 0x1p-53 }
}
