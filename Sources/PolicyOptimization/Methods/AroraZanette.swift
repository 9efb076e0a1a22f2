import Foundation
import Settings

/// Arora and Zanette's reward (arXiv 2502.04463): a right answer is worth less the longer it is among the
/// group's right answers. Advantages leave one out.
public struct AroraZanette: LengthReward {
  /// The paper.
  public static let publication = MethodPublication(
    name: "arora-zanette", title: "Training LMs to reason efficiently", citation: "2502.04463",
    summary: "Discounts a right answer by its length among the group's right answers.")

  /// alpha.
  public var alpha = 0.1

  /// The defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<AroraZanette>] = [
    SettingKey("length-alpha", \.alpha, in: 0...1, "the most that length takes of a right answer")
  ]

  /// Rewards against the mean of the other rows.
  public static var grpo: GRPOSettings {
    var settings = GRPOSettings()
    settings.advantageScale = .rloo
    return settings
  }

  // The authors' code.
  private static let epsilon = 1e-7

  /// R_i = y_i (1 - alpha sigmoid((L_i - mu_P) / (sigma_P + 1e-7))).
  public func rewards(of batch: LengthBatch) -> [Double] {
    batch.perGroup { _, correct in
      let z = batch.standardised(by: correct, epsilon: Self.epsilon)
      return { row in
        batch.correct[row] ? 1 - alpha / (1 + exp(-z(row))) : 0
      }
    }
  }
}
