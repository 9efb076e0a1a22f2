import Foundation
import Settings
import Torch

/// DisCO (arXiv 2505.12366): scores of right answers are raised above scores of wrong ones, every
/// question with the same weight, within a trust region around the policy that sampled.
///
/// Against GRPO: the advantage becomes a class weight, and the loss is a discriminative objective with
/// neither clipping nor a reference policy.
public enum DisCO {
  /// DisCO's paper.
  public static let publication = MethodPublication(
    name: "disco", title: "DisCO", citation: "2505.12366",
    summary:
      "Raises the scores of right answers above those of wrong ones without a weight for difficulty, "
      + "inside a trust region instead of clipping.")

  /// The method with these settings.
  ///
  /// - Throws: `SettingError` for settings that contradict each other.
  public static func method(_ settings: DisCOSettings) throws -> Method {
    try settings.validate()
    return Method(
      publication: publication, advantage: ClassWeights(), loss: settings.loss,
      settings: settings.settings)
  }
}

/// DisCO's and DRPO's loss, to be minimised:
///
///     -(1/Q) sum_q J_q + penalty(K)
///
/// The advantage a_i is the weight of a row in its class: w_i > 0 (the w_i of a group add up to 1) for
/// positives P, -1/|N| for negatives N, 0 for rows of no class and in groups without both. Q counts
/// every group, also those.
public struct DiscriminativeLoss: PolicyLoss {
  /// s, what a completion is measured by.
  public let score: ResponseScore
  /// How the negatives of a group are put together.
  public let variant: NegativeWeighting
  /// tau of the variant `dro`.
  public let temperature: Double
  /// The bound on K.
  public let trustRegion: TrustRegion
  /// Over how many groups K is taken at a time; nil for all of the optimiser step.
  public let trustRegionGroups: Int?

  /// A loss.
  public init(
    score: ResponseScore, variant: NegativeWeighting, temperature: Double,
    trustRegion: TrustRegion, trustRegionGroups: Int? = nil
  ) {
    self.score = score
    self.variant = variant
    self.temperature = temperature
    self.trustRegion = trustRegion
    self.trustRegionGroups = trustRegionGroups
  }

  /// False: J couples the rows of a group, and the hinge all rows.
  public var isSeparable: Bool { false }
  /// False: the trust region is around the policy that sampled.
  public var needsReference: Bool { false }

  /// The loss of a whole optimiser step.
  public func callAsFunction(_ inputs: LossInputs, totals: StepTotals) -> LossOutputs {
    let scores = score(inputs)
    let classes = Self.classes(inputs)
    let logRatio = inputs.logRatio
    let parts = self.parts(classes)
    var loss = scores.zeros([])
    var objectives: [Tensor] = []
    var divergences: [Tensor] = []
    for part in parts {
      let own = part.filter(\.isMixed).map { group in
        objective(scores: scores, weights: inputs.advantages, of: group)
      }
      let rows = Tensor(part.flatMap(\.rows), on: scores.device)
      let divergence = trustRegion.divergence(
        logRatio: logRatio.indexSelect(0, rows), mask: inputs.mask.indexSelect(0, rows))
      let mean = own.reduce(scores.zeros([]), +) / Double(part.count)
      loss = loss + (trustRegion.penalty(divergence) - mean) / Double(parts.count)
      objectives += own
      divergences.append(divergence)
    }
    return LossOutputs(
      loss: loss,
      metrics: withoutGradients {
        measured(
          inputs, scores: scores.doubles, classes: classes,
          objectives: Self.host(objectives), divergences: Self.host(divergences))
      })
  }

  /// J_q of a group with both classes, a scalar:
  ///
  ///     basic   sum_P w_i s_i - mean_N s                                       DisCO-b
  ///     dro     sum_P w_i s_i - tau log( (1/|N|) sum_{j in N} exp(s_j / tau) )
  ///
  /// - Parameters:
  ///   - scores: `[b]`, with gradient.
  ///   - weights: `[b, 1]` class weights; none flows through them.
  public func objective(scores: Tensor, weights: Tensor, of group: ClassifiedGroup) -> Tensor {
    let positives = Tensor(group.positives, on: scores.device)
    let negatives = scores.indexSelect(0, Tensor(group.negatives, on: scores.device))
    let shares = weights.detached().indexSelect(0, positives).squeezed(1)
    let raised = (scores.indexSelect(0, positives) * shares).sum()
    switch variant {
    case .basic: return raised - negatives.mean()
    case .dro:
      let logMeanExp = (negatives / temperature).logSumExp(0) - log(Double(negatives.count))
      return raised - logMeanExp * temperature
    }
  }

  /// Scalars on the host, after one transfer.
  private static func host(_ scalars: [Tensor]) -> [Double] {
    scalars.isEmpty ? [] : Tensor.stacked(scalars).doubles
  }

  /// The parts of a step over each of which K is taken: consecutive groups by id, so that neither the
  /// order of rows nor that of groups matters.
  private func parts(_ classes: [ClassifiedGroup]) -> [[ClassifiedGroup]] {
    guard let size = trustRegionGroups else { return [classes] }
    let ordered = classes.sorted { $0.id < $1.id }
    return stride(from: 0, to: ordered.count, by: size).map {
      Array(ordered[$0..<min($0 + size, ordered.count)])
    }
  }
}

/// s_i, what the discriminative objective compares completions by.
public enum ResponseScore: String, SettingChoice {
  /// The mean log-probability of the completion's tokens.
  case logLikelihood = "log-l"
  /// The mean ratio pi_theta / pi_old of the completion's tokens, not a ratio of sequences.
  case likelihoodRatio = "l-ratio"

  /// `[b]`; 0 for an empty completion.
  public func callAsFunction(_ inputs: LossInputs) -> Tensor {
    let tokens =
      switch self {
      case .logLikelihood: inputs.counted(inputs.logProbabilities)
      case .likelihoodRatio: inputs.counted(inputs.logRatio.exp())
      }
    return (tokens.sum(1, keepDims: true) / inputs.lengths).squeezed(1)
  }
}

/// How the scores of a group's negatives are put together.
public enum NegativeWeighting: String, SettingChoice {
  /// Their mean: DisCO-b.
  case basic
  /// tau times the logarithm of the mean of exp(s / tau), which weighs the hardest negatives most
  /// (distributionally robust optimisation): DisCO.
  case dro
}
