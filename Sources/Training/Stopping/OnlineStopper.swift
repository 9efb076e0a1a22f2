import PolicyOptimization
import PrefixPreference
import Rollouts
import Settings
import Tasks
import Tokenizers
import Torch

/// Ends rollouts whose last steps no longer help, while they are sampled, and has the answer follow: an
/// extension of WS-GRPO.
///
/// The frozen initial policy reads every row along, with keys and values of its own; wherever a step has
/// ended the preference model compares the prefix with the one before it. Rows are looked at every few
/// tokens, all together, but judged as if after every token.
public struct OnlineStopper: ReasoningStopper {
  /// Tokens between two looks: few are sampled in vain, and the frozen policy reads several at once.
  public static let defaultInterval = 8

  /// Tokens between two looks.
  public let interval: Int
  private let settings: OnlineStopping
  private let preference: PreferenceModel
  private let encoder: CausalPrefixEncoder
  private let tracker: StepTracker
  private let leadIn: AnswerLeadIn
  private let limit: Int
  private var batch: Batch?

  /// What is known of a row.
  private struct Watched {
    let row: Int
    var tracker: StepTracker
    /// u_2 ... u_t.
    var signal: [Double] = []
  }

  /// The rows that are watched, in the order of the states.
  private struct Batch {
    let states: GrowingStates
    var rollouts: GrowingRollouts
    var rows: [Watched]
  }

  /// - Parameters:
  ///   - limit: the most tokens of a completion; a row without room for an answer is not ended.
  ///   - interval: changes how many tokens are sampled in vain, and no result.
  /// - Throws: `SettingError` for a preference model whose encoder is not a causal one, for a task without
  ///   a last sentence, and for words that the tokenizer cannot write.
  public init(
    _ settings: OnlineStopping, preference: PreferenceModel, task: any ReasoningTask,
    tokenizer: Tokenizer, segmenter: SolutionSegmenter, limit: Int,
    interval: Int = defaultInterval
  ) throws {
    precondition(interval > 0, "an interval of \(interval) tokens")
    guard let encoder = preference.encoder as? CausalPrefixEncoder else {
      throw Self.refusal(encoder: preference.encoder.identity.kind)
    }
    guard let text = settings.text ?? task.answerLeadIn else {
      throw SettingError(
        "method.online-stop needs the first words of an answer, which the task \(task.name) has none of: "
          + "expected method.stop-text, as in \"The answer is\"")
    }
    self.settings = settings
    self.preference = preference
    self.encoder = encoder
    self.limit = limit
    self.interval = interval
    tracker = StepTracker(tokenizer: tokenizer, segmenter: segmenter)
    leadIn = try AnswerLeadIn(text, tokenizer: tokenizer)
    guard leadIn.greatestCount + 1 < limit else {
      throw SettingError(
        "rollouts.max-completion is \(limit), which leaves no room for a step, the "
          + "\(leadIn.greatestCount) tokens of \"\(text)\" and an answer: expected more for "
          + "method.online-stop")
    }
  }

  /// What to say to an encoder that cannot read along.
  static func refusal(encoder: String) -> SettingError {
    SettingError(
      "preference.encoder is \(encoder), but method.online-stop judges rollouts token by token while they "
        + "are sampled, which the frozen initial policy alone can: expected preference.encoder = null, or "
        + "method.online-stop = false")
  }

  /// Watches the rows of a batch.
  public mutating func begin(prompts: [[Int]]) {
    batch = Batch(
      states: GrowingStates(encoder.model, prompts: prompts),
      rollouts: GrowingRollouts(preference, encoder: encoder, count: prompts.count),
      rows: prompts.indices.map { Watched(row: $0, tracker: tracker) })
  }

  /// Judges the new steps of all rows at once.
  public mutating func ends(of rows: [GrowingCompletion]) throws -> [ReasoningEnd?] {
    guard var batch else { preconditionFailure("no batch has begun") }
    precondition(
      rows.map(\.row) == batch.rows.map(\.row), "every row that goes on grows from look to look")
    let stepEnds = rows.indices.map { place in
      rows[place].newIDs.compactMap { batch.rows[place].tracker.append($0) }
    }
    let pieces = zip(rows, stepEnds).map { row, ends in
      GrowingRollouts.Piece(
        rollout: row.row, ids: Array(row.newIDs), stepEnds: ends.map { $0 - row.seen })
    }
    let length = pieces.map(\.ids.count).max() ?? 0
    let tokens = Tensor(
      rows: pieces.map { $0.ids + Array(repeating: 0, count: length - $0.ids.count) },
      on: encoder.device)
    let before = batch.states.last
    let judgements = try batch.rollouts.judge(
      pieces, before: before, states: batch.states.read(tokens))
    let ends = rows.indices.map { place -> ReasoningEnd? in
      for (end, judgement) in zip(stepEnds[place], judgements[place]) {
        guard let judgement else { continue }
        batch.rows[place].signal.append(
          settings.order.signal(oldOverNew: judgement.oldNew, newOverOld: judgement.newOld))
        if settings.shouldStop(after: batch.rows[place].signal) {
          return reasoningEnd(of: rows[place], after: end)
        }
      }
      return nil
    }
    keep(rows.indices.filter { !rows[$0].isFinished && ends[$0] == nil }, of: &batch)
    self.batch = batch
    return ends
  }

  private func keep(_ places: [Int], of batch: inout Batch) {
    guard !places.isEmpty, places.count < batch.rows.count else {
      if places.isEmpty { batch.rows = [] }
      return
    }
    batch.states.keep(places)
    batch.rows = places.map { batch.rows[$0] }
  }

  /// The end behind the step whose last token is at `end`; nil where no answer has room.
  private func reasoningEnd(of row: GrowingCompletion, after end: Int) -> ReasoningEnd? {
    let kept = Array(row.ids[...end])
    let forced = leadIn.ids(after: kept)
    guard kept.count + forced.count < limit else { return nil }
    return ReasoningEnd(
      kept: kept.count, forced: forced, answerTokens: settings.answerTokens)
  }
}

extension Sampler {
  /// Samples with a stopper where there is one.
  ///
  /// - Throws: what the stopper throws.
  func sample(
    _ prompts: [Prompt], completions: Int, stream: RandomStream, stopper: OnlineStopper?
  ) throws -> [[Trajectory]] {
    guard let stopper else {
      return sample(prompts, completions: completions, stream: stream)
    }
    return try sample(prompts, completions: completions, stream: stream, stopper: stopper)
  }
}
