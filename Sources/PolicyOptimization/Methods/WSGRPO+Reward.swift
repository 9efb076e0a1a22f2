extension WSGRPOReward {
  /// u by row: `[B][n - 1]`, entry t - 2 for step t, after the control.
  public func signal(_ batch: GroupBatch) -> [[Double]] {
    let steps = batch.required(batch.steps, .steps, by: WSGRPO.publication)
    switch settings.control {
    case .none:
      return ordered(batch)
    case .shuffled:
      let own = ordered(batch)
      let donors = batch.required(batch.shuffle, .shuffle, by: WSGRPO.publication)
      return zip(donors, steps).map { borrowed(own[$0], steps: $1) }
    case .constant, .lengthOnly:
      return steps.map {
        [Double](repeating: settings.constantPreference, count: max($0 - 1, 0))
      }
    }
  }

  /// u_t from the judgements of step t, in the settings' order, before any control.
  public func ordered(_ batch: GroupBatch) -> [[Double]] {
    let pairs = batch.required(batch.steps, .steps, by: WSGRPO.publication).map { max($0 - 1, 0) }
    func judgements(_ judgements: [[Double]]?, _ column: BatchColumn) -> [[Double]] {
      let judgements = batch.required(judgements, column, by: WSGRPO.publication)
      precondition(
        judgements.map(\.count) == pairs,
        "a row of n steps has n - 1 pairs of successive prefixes")
      return judgements
    }
    func oldOverNew() -> [[Double]] { judgements(batch.preferences?.oldOverNew, .oldOverNew) }
    func newOverOld() -> [[Double]] { judgements(batch.preferences?.newOverOld, .newOverOld) }
    switch settings.order {
    case .literal: return oldOverNew()
    case .progress: return newOverOld()
    case .symmetric:
      return zip(oldOverNew(), newOverOld()).map { row in
        zip(row.0, row.1).map { settings.order.signal(oldOverNew: $0, newOverOld: $1) }
      }
    }
  }

  /// A donor's values, cut or cycled to the n - 1 that a row of n steps has; an empty donor gives 1/2.
  private func borrowed(_ donor: [Double], steps: Int) -> [Double] {
    (0..<max(steps - 1, 0)).map { donor.isEmpty ? 0.5 : donor[$0 % donor.count] }
  }

  /// ell(n): 0 for n within [steps-min, steps-max], otherwise -length-alpha times the distance.
  public func lengthTerm(steps: Int) -> Double {
    let below = max(settings.minimumSteps - steps, 0)
    let above = max(steps - settings.maximumSteps, 0)
    return -settings.lengthAlpha * Double(below + above)
  }

  /// p: the mean of u; `single-step-pref` for a solution without a second step.
  public func meanPreference(_ signal: [Double]) -> Double {
    signal.isEmpty
      ? settings.singleStepPreference : signal.reduce(0, +) / Double(signal.count)
  }

  /// r: what the steps are worth (appendix, equation 94, and its alternatives).
  public func preferenceReward(signal: [Double], steps: Int) -> Double {
    if settings.control == .lengthOnly { return lengthTerm(steps: steps) }
    let mean = meanPreference(signal)
    switch settings.aggregate {
    case .eq94: return (mean + lengthTerm(steps: steps)) / Double(max(steps, 1))
    case .undivided: return mean + lengthTerm(steps: steps)
    case .sum: return signal.reduce(0, +)
    case .mean: return mean
    case .marginMean: return signal.isEmpty ? 0 : 2 * mean - 1
    }
  }
}

extension PreferenceOrder {
  /// The judgements that `signal` reads.
  var columns: Set<BatchColumn> {
    switch self {
    case .literal: [.oldOverNew]
    case .progress: [.newOverOld]
    case .symmetric: [.oldOverNew, .newOverOld]
    }
  }

  /// u_t from both judgements of step t:
  ///
  /// - literal: P(old, new), by the paper's equation 4 the probability that the step did not help;
  /// - progress: P(new, old), what the paper's prose says u measures;
  /// - symmetric: (1 + P(new, old) - P(old, new)) / 2, which cancels a bias for one position.
  public func signal(oldOverNew: Double, newOverOld: Double) -> Double {
    switch self {
    case .literal: oldOverNew
    case .progress: newOverOld
    case .symmetric: (1 + newOverOld - oldOverNew) / 2
    }
  }
}
