extension WSGRPOReward {
  /// `[B][length]` what is added to the advantage of each counted token, an extension that the paper
  /// does not have; nil where it is off. Tokens of step 1 keep the outcome's advantage.
  public func stepTerms(_ batch: GroupBatch, signal: [[Double]]) -> [[Double]]? {
    let perStep: [[Double]]
    switch settings.stepAdvantage {
    case .off: return nil
    case .preference: perStep = signal.map { row in row.map { $0 - 0.5 } }
    case .prefixValue: perStep = valueGains(batch)
    }
    let tokenSteps = batch.required(batch.tokenSteps, .tokenSteps, by: WSGRPO.publication)
    precondition(
      tokenSteps.map(\.count) == batch.lengths, "every counted token needs the number of its step")
    return zip(tokenSteps, perStep).map { tokens, gains in
      tokens.map { step in
        guard step >= 2 else { return 0 }
        precondition(step - 2 < gains.count, "a token of step \(step) of \(gains.count + 1)")
        return settings.stepAdvantageWeight * gains[step - 2]
      }
    }
  }

  /// v_t - v_{t-1} for t = 2 ... n: telescopes to v_n - v_1, so that more steps cannot farm it.
  private func valueGains(_ batch: GroupBatch) -> [[Double]] {
    batch.required(
      batch.preferences?.values, .prefixValues, by: WSGRPO.publication
    ).map { values in
      zip(values.dropFirst(), values).map { $0 - $1 }
    }
  }
}
