import Foundation
import Torch

/// The loss of DEPO's difficulty estimator:
///
///     L = mean BCE(sigmoid(s), t) + distill-weight mean BCE(sigmoid(d), p) + rank-weight L_rank
///     L_rank = (1/|Q|) sum_{(i,j) in Q} max(0, rank-margin - (s_i - s_j)),  Q = { t_i > t_j + rank-gap }
///
/// s and d are logits; a prompt with the larger accuracy t, the easier one, must get the larger s.
public struct DifficultyLoss: Sendable, Equatable {
  /// w_d.
  public let distillWeight: Double
  /// w_r.
  public let rankWeight: Double
  /// tau: accuracies that differ by no more are not ranked.
  public let rankGap: Double
  /// m.
  public let rankMargin: Double
  /// Whether the ranking's weight is that of the paper or of the released code.
  public let rankScale: RankScale
  /// Prompts of a micro-batch of the released code.
  public let microBatch: Int

  /// The loss of some settings.
  public init(_ settings: DEPOSettings) {
    distillWeight = settings.distillWeight
    rankWeight = settings.rankWeight
    rankGap = settings.rankGap
    rankMargin = settings.rankMargin
    rankScale = settings.rankScale
    microBatch = settings.microBatch
  }

  /// The loss and its terms, each a scalar.
  public struct Terms {
    /// L.
    public let loss: Tensor
    /// mean BCE(sigmoid(s), t).
    public let score: Tensor
    /// mean BCE(sigmoid(d), p).
    public let distillation: Tensor
    /// L_rank; 0 where no two prompts are ranked.
    public let ranking: Tensor
    /// |Q|.
    public let pairs: Int
  }

  /// What L_rank is multiplied with for N prompts: rank-weight, or that over the number of micro-batches,
  /// by which the released code divides the ranking's gradient.
  public func effectiveRankWeight(count: Int) -> Double {
    switch rankScale {
    case .full: rankWeight
    case .asReleased: rankWeight / Double(max(1, (count + microBatch - 1) / microBatch))
    }
  }

  /// The loss of N prompts.
  ///
  /// - Parameters: each `[N]`, N at least 1; the targets lie in 0 to 1 and have no gradient.
  public func callAsFunction(
    scores: Tensor, distillations: Tensor, accuracies: Tensor, distillTargets: Tensor
  ) -> Terms {
    let score = Self.crossEntropy(scores, accuracies)
    let distillation = Self.crossEntropy(distillations, distillTargets)
    let ranked =
      (accuracies.unsqueezed(1) .> accuracies.unsqueezed(0) + rankGap).to(scores.dtype)
    let pairs = Int(ranked.sum().item)
    let hinges = (rankMargin - (scores.unsqueezed(1) - scores.unsqueezed(0))).relu()
    let ranking = (ranked * hinges).sum() / Double(max(pairs, 1))
    let weight = effectiveRankWeight(count: scores.size(0))
    return Terms(
      loss: score + distillation * distillWeight + ranking * weight, score: score,
      distillation: distillation, ranking: ranking, pairs: pairs)
  }

  /// mean of -t log sigmoid(s) - (1 - t) log(1 - sigmoid(s)) = softplus(s) - t s.
  private static func crossEntropy(_ logits: Tensor, _ targets: Tensor) -> Tensor {
    (logits.softplus() - targets * logits).mean()
  }

  /// Keeps the distillation target away from 0 and 1 (the authors' code).
  private static let smallestTarget = 1e-4

  /// p = exp(mean over rollouts of the mean response-token log-probability), clamped; nil where no
  /// rollout has a token. Rollouts without tokens are left out.
  ///
  /// - Parameter logProbabilities: by rollout, of the tokens that count.
  public static func distillTarget(_ logProbabilities: [[Double]]) -> Double? {
    let means = logProbabilities.filter { !$0.isEmpty }
      .map { $0.reduce(0, +) / Double($0.count) }
    guard !means.isEmpty else { return nil }
    let probability = exp(means.reduce(0, +) / Double(means.count))
    return min(max(probability, smallestTarget), 1 - smallestTarget)
  }
}
