import Settings
import Torch

/// AMIR-GRPO (arXiv 2601.03661): GRPO with a regulariser that asks of every pair of completions with
/// clearly different rewards that the better one be the likelier.
///
/// Against GRPO: a term is added to the loss.
public enum AMIRGRPO {
  /// AMIR-GRPO's paper.
  public static let publication = MethodPublication(
    name: "amir-grpo", title: "AMIR-GRPO", citation: "2601.03661",
    summary:
      "GRPO with a preference regulariser over the pairs of each group, on log-probabilities per "
      + "token.")

  /// The method with these settings.
  public static func method(_ settings: AMIRGRPOSettings) -> Method {
    Method(
      publication: publication,
      selection: settings.grpo.selection,
      shaping: settings.grpo.withOverlongPenalty(OutcomeReward()),
      advantage: settings.grpo.advantage,
      loss: settings.loss,
      settings: settings.settings)
  }
}

/// L_GRPO + lambda L_pref, to be minimised. With S the pairs (i, j) of the whole optimiser step:
///
///     l_i    = (1/L_i) sum_t m_it logp_it                less the same mean of logp_ref, with a reference
///     z_ij   = pref-beta (l_i - l_j)
///     L_pref = (1/|S|) sum_S softplus(-z_ij)             over all pairs, not group by group; 0 without any
public struct PairwiseRegularisedLoss: AdaptivePolicyLoss {
  /// L_GRPO.
  public let base: ClippedPolicyLoss
  /// S.
  public let mining: PairMining
  /// pref-beta, the scale of z.
  public let scale: Double
  /// Whether the reference policy's log-probabilities are subtracted.
  public let usesReference: Bool
  /// How lambda changes; nil for never.
  public let schedule: PairWeightSchedule?
  /// lambda.
  public var weight: Double

  /// A loss.
  public init(
    base: ClippedPolicyLoss, mining: PairMining, scale: Double, usesReference: Bool,
    weight: Double, schedule: PairWeightSchedule?
  ) {
    self.base = base
    self.mining = mining
    self.scale = scale
    self.usesReference = usesReference
    self.weight = weight
    self.schedule = schedule
  }

  /// False: a pair couples two rows, |S| all.
  public var isSeparable: Bool { false }
  /// Whether one of the terms has a reference.
  public var needsReference: Bool { base.needsReference || usesReference }
  /// lambda, where it changes from update to update.
  public var memory: Double? {
    get { schedule == nil ? nil : weight }
    set { weight = newValue ?? weight }
  }

  /// The loss of a whole optimiser step.
  public func callAsFunction(_ inputs: LossInputs, totals: StepTotals) -> LossOutputs {
    let policy = base(inputs, totals: totals)
    let lengths = inputs.mask.to(.int64).sum(1).ints
    let groups = mining.pairs(
      rewards: inputs.rewards, groupIDs: inputs.groupIDs, lengths: lengths)
    let pairs = groups.flatMap(\.self)
    let logits = self.logits(pairs, inputs)
    let preference = preferenceLoss(logits)
    let ratio = ratio(policy: policy.loss.item, preference: preference.item)
    let weight = pairs.isEmpty ? weight : schedule?.next(weight, ratio: ratio) ?? weight
    var metrics = policy.metrics
    metrics.add(measured(groups, logits: logits, preference: preference.item, weight: weight))
    if schedule != nil, !pairs.isEmpty {
      metrics["pairs/loss_ratio"] = WeightedMetric(sum: ratio, weight: 1)
    }
    return LossOutputs(
      loss: policy.loss + preference * weight, metrics: metrics,
      memory: schedule == nil ? nil : weight)
  }

  /// z `[pairs]`.
  public func logits(_ pairs: [RewardPair], _ inputs: LossInputs) -> Tensor {
    var tokens = inputs.logProbabilities
    if usesReference {
      guard let reference = inputs.referenceLogProbabilities else {
        preconditionFailure("reference logp-ref needs the reference's log-probabilities")
      }
      tokens = tokens - reference
    }
    let means = (inputs.counted(tokens).sum(1, keepDims: true) / inputs.lengths).squeezed(1)
    let winners = Tensor(pairs.map(\.winner), on: means.device)
    let losers = Tensor(pairs.map(\.loser), on: means.device)
    return (means.indexSelect(0, winners) - means.indexSelect(0, losers)) * scale
  }

  /// L_pref, a scalar; 0 without pairs.
  public func preferenceLoss(_ logits: Tensor) -> Tensor {
    logits.count == 0 ? logits.sum() : (-logits).softplus().mean()
  }

  /// c = lambda L_pref / max(1e-9, L_GRPO).
  public func ratio(policy: Double, preference: Double) -> Double {
    weight * preference / max(Self.leastPolicyLoss, policy)
  }

  // The authors' code: a policy loss near 0 or below it makes c huge.
  private static let leastPolicyLoss = 1e-9

  private func measured(
    _ groups: [[RewardPair]], logits: Tensor, preference: Double, weight: Double
  ) -> Metrics {
    let logits = logits.detached().doubles
    return [
      "pairs/per_group": WeightedMetric(mean: groups.map { Double($0.count) }),
      "pairs/group_share": WeightedMetric(share: groups.map { !$0.isEmpty }),
      "pairs/gap": WeightedMetric(mean: groups.joined().map(\.gap)),
      "pairs/logit": WeightedMetric(mean: logits),
      "pairs/accuracy": WeightedMetric(share: logits.map { $0 > 0 }),
      "pairs/loss": WeightedMetric(mean: logits.isEmpty ? [] : [preference]),
      "pairs/weight": WeightedMetric(mean: [weight]),
    ]
  }
}

/// The authors' rule for lambda: it follows the share c that the regulariser has of the loss.
public struct PairWeightSchedule: Sendable, Equatable {
  // All from the authors' code: the band in which c is left alone, the factors outside it, and the
  // bounds of lambda.
  private static let band = 0.30...0.70
  private static let growth = 1.25
  private static let decay = 0.8
  private static let bounds = 0.005...0.05

  /// The rule.
  public init() {}

  /// lambda after c was `ratio`; used at once.
  public func next(_ weight: Double, ratio: Double) -> Double {
    if ratio < Self.band.lowerBound { return min(Self.bounds.upperBound, Self.growth * weight) }
    if ratio > Self.band.upperBound { return max(Self.bounds.lowerBound, Self.decay * weight) }
    return weight
  }
}
