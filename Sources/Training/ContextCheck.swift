import Settings

/// Whether prompts leave the model's context room for completions.
struct ContextCheck {
  /// What to tell where some prompts do not; nil where all do.
  let warning: String?

  /// - Parameters:
  ///   - prompts: the prompts' lengths in tokens.
  ///   - maxCompletion: the longest completion that sampling allows.
  ///   - positions: the model's `max_position_embeddings`.
  /// - Throws: `SettingError` when no prompt leaves room for a single token.
  init(prompts: [Int], maxCompletion: Int, positions: Int) throws {
    let crowded = prompts.filter { $0 + maxCompletion > positions }
    guard let longest = crowded.max(), let shortest = prompts.min() else {
      warning = nil
      return
    }
    guard shortest < positions else {
      throw SettingError(
        "the shortest prompt has \(shortest) tokens, but the model has \(positions) positions "
          + "(max_position_embeddings in its config.json), which prompt and completion share: expected "
          + "shorter problems in task.data, or a model with a longer context")
    }
    let fitting = positions - maxCompletion
    let remedies = [
      longest < positions
        ? "set rollouts.max-completion to \(positions - longest) or less" : nil,
      fitting > 0 ? "leave problems of more than \(fitting) tokens out" : nil,
    ].compactMap(\.self)
    let remedy =
      remedies.isEmpty
      ? "leave long problems out and set rollouts.max-completion below \(positions)"
      : remedies.joined(separator: ", or ")
    warning =
      "\(crowded.count) of \(prompts.count) prompts, the longest of \(longest) tokens, and "
      + "rollouts.max-completion = \(maxCompletion) tokens exceed the \(positions) positions "
      + "(max_position_embeddings) that the model was made for; what it writes beyond them is "
      + "noise: \(remedy)"
  }
}
