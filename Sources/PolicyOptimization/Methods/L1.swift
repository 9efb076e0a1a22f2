import Settings

/// L1 or LCPO-Exact (arXiv 2503.04697): the prompt states a number of tokens, and every token of distance
/// from it costs.
public struct L1Exact: BudgetedReward {
  /// The paper.
  public static let publication = MethodPublication(
    name: "l1-exact", title: "L1-Exact (LCPO)", citation: "2503.04697",
    summary: "Asks for a number of tokens in the prompt and punishes the distance from it.")

  /// alpha, what a token of distance costs.
  public var alpha = 3e-4
  /// Which numbers of tokens are asked for.
  public var range = BudgetRange()

  /// The defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<L1Exact>] =
    [SettingKey("length-alpha", \.alpha, in: 0..., "price of a token of distance")]
    + BudgetRange.keys.map { $0.nested(in: \.range) }

  /// R_i = y_i - alpha |n_i - L_i|.
  public func rewards(of batch: LengthBatch) -> [Double] {
    let budgets = budgets(in: batch)
    return batch.correct.indices.map { row in
      (batch.correct[row] ? 1 : 0) - alpha * abs(Double(budgets[row]) - batch.lengths[row])
    }
  }

  /// `Think for n tokens.`
  public func instruction(budget: Int) -> String { "Think for \(budget) tokens." }
}

/// L1-Max or LCPO-Max (arXiv 2503.04697): the prompt states the most tokens, and right answers earn by how
/// well they stay below.
public struct L1Max: BudgetedReward {
  /// The paper.
  public static let publication = MethodPublication(
    name: "l1-max", title: "L1-Max (LCPO)", citation: "2503.04697",
    summary: "States a maximum of tokens in the prompt and pays right answers for staying below.")

  /// alpha, the slope. The forms' are not interchangeable: the code's is half as steep.
  public var alpha = 3e-4
  /// delta, what a right answer of exactly n tokens earns in the paper's form.
  public var delta = 0.5
  /// Whose form.
  public var form = L1MaxForm.paper
  /// Which numbers of tokens are asked for.
  public var range = BudgetRange()

  /// The defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<L1Max>] =
    [
      SettingKey("length-alpha", \.alpha, in: 0..., "slope by tokens below the budget"),
      SettingKey("length-delta", \.delta, in: 0...1, "reward of a right answer at the budget"),
      SettingKey("l1-max-form", \.form, "the paper's reward or the code's"),
    ] + BudgetRange.keys.map { $0.nested(in: \.range) }

  /// paper: R_i = y_i clip(alpha (n_i - L_i) + delta, 0, 1);
  /// code: R_i = y_i (clip(alpha (n_i - L_i), -1, 1) + 1) / 2.
  public func rewards(of batch: LengthBatch) -> [Double] {
    let budgets = budgets(in: batch)
    return batch.correct.indices.map { row in
      guard batch.correct[row] else { return 0 }
      let left = alpha * (Double(budgets[row]) - batch.lengths[row])
      return switch form {
      case .paper: min(max(left + delta, 0), 1)
      case .code: (min(max(left, -1), 1) + 1) / 2
      }
    }
  }

  /// `Think for maximum n tokens.`
  public func instruction(budget: Int) -> String { "Think for maximum \(budget) tokens." }
}

/// Whose reward L1-Max has.
public enum L1MaxForm: String, SettingChoice {
  /// The printed one.
  case paper
  /// The authors' code, where it is multiplied with the outcome.
  case code
}
