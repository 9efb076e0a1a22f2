import Settings

/// A length rule whose prompts state a number of tokens n.
public protocol BudgetedReward: LengthReward {
  /// Which numbers are stated.
  var range: BudgetRange { get set }
  /// The sentence after the question.
  func instruction(budget: Int) -> String
}

extension BudgetedReward {
  /// The budgets.
  public var columns: Set<BatchColumn> { [.budgets] }

  /// n.
  public func targets(in batch: LengthBatch) -> [Int]? { budgets(in: batch) }

  /// n of all rows. Traps without the column.
  func budgets(in batch: LengthBatch) -> [Int] {
    batch.batch.required(batch.batch.budgets, .budgets, by: Self.publication)
  }

  /// Refuses a range that is empty or beyond the longest completion.
  ///
  /// - Throws: `SettingError`.
  public func validate(maxCompletion: Int) throws {
    let limits = range.limits(maxCompletion: maxCompletion)
    let section = Methods.section
    if limits.upperBound > maxCompletion {
      throw SettingError(
        "\(section).budget-max is \(limits.upperBound), expected at most the longest completion, "
          + "\(maxCompletion) tokens")
    }
    if limits.lowerBound > limits.upperBound {
      throw SettingError(
        "\(section).budget-min is \(limits.lowerBound), expected at most budget-max, "
          + "\(limits.upperBound)")
    }
  }
}

/// The numbers of tokens that prompts ask for, drawn evenly.
public struct BudgetRange: SettingGroup, Equatable {
  /// The least; nil for a fortieth of the longest completion.
  public var minimum: Int?
  /// The greatest; nil for the longest completion.
  public var maximum: Int?

  /// The whole range.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<BudgetRange>] = [
    SettingKey(
      "budget-min", \.minimum, in: 1...,
      "least tokens asked for; null takes a fortieth of the longest completion"),
    SettingKey(
      "budget-max", \.maximum, in: 1...,
      "most tokens asked for; null takes the longest completion"),
  ]

  // 100 of 4000, the range of the paper's runs.
  private static let automaticDivisor = 40

  /// The limits for a longest completion of so many tokens; the lower one may lie above the upper one if
  /// both are set so.
  func limits(maxCompletion: Int) -> (lowerBound: Int, upperBound: Int) {
    let upper = maximum ?? maxCompletion
    return (minimum ?? min(max(1, maxCompletion / Self.automaticDivisor), upper), upper)
  }

  /// n for `draw` in [0, 1).
  public func budget(draw: Double, maxCompletion: Int) -> Int {
    let limits = limits(maxCompletion: maxCompletion)
    return limits.lowerBound + Int(draw * Double(limits.upperBound - limits.lowerBound + 1))
  }
}

extension Method {
  /// How prompts state a number of tokens; nil for methods whose prompts do not.
  public var budgets: (any BudgetedReward)? {
    let shaping = (shaping as? OverlongPenalty)?.base ?? shaping
    return (shaping as? any BudgetedShaping)?.budgeted
  }
}

/// A shaping that knows whether its rule has budgets, whatever the rule's type.
private protocol BudgetedShaping {
  var budgeted: (any BudgetedReward)? { get }
}

extension LengthShaping: BudgetedShaping {
  var budgeted: (any BudgetedReward)? { rule as? any BudgetedReward }
}
