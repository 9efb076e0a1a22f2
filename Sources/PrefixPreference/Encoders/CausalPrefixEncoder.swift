import Models
import Settings
import Torch

/// A frozen causal language model as encoder of prefixes [R]: causal attention makes the state at the
/// last token of step t depend on the question and the steps 1...t alone, so that one forward pass over
/// question and rollout gives the features of all prefixes.
///
/// Usually the initial policy. It must not be trained afterwards: whoever trains the policy in place
/// gives the encoder a copy of its own.
public struct CausalPrefixEncoder: PrefixEncoder {
  /// Which states are the features.
  public enum Layer: String, SettingChoice, Codable {
    /// The residual stream after the last layer.
    case beforeFinalNorm = "before-final-norm"
    /// The normalised states that the output embedding reads.
    case final

    /// The setting's key, and the option's name in an encoder's identity.
    static let key = "encoder-layer"
  }

  /// The frozen model.
  public let model: CausalLanguageModel
  /// Which of its states are the features.
  public let layer: Layer
  /// Whether features also say how likely the model finds the tokens of a prefix (`PrefixLikelihood`).
  public let likelihoods: Bool
  /// The most tokens that one forward pass reads; a longer rollout passes by itself.
  public let batchTokens: Int
  /// What fixes the features.
  public let identity: EncoderIdentity
  private let endTokens: Set<Int>

  /// The default budget: the hidden states of a 4,096 wide model then take 256 MB in single precision.
  public static let defaultBatchTokens = 16384

  /// The name of this kind of encoder in saved models.
  public static let kind = "causal"
  /// The option's key in configurations and in an encoder's identity.
  static let likelihoodsKey = "encoder-likelihoods"
  /// Logits that may exist at once.
  static let logitElements = 1 << 24

  /// An encoder made of `model`.
  public init(
    _ model: CausalLanguageModel, layer: Layer = .beforeFinalNorm, likelihoods: Bool = false,
    batchTokens: Int = defaultBatchTokens
  ) {
    precondition(batchTokens > 0, "a budget of \(batchTokens) tokens")
    self.model = model
    self.layer = layer
    self.likelihoods = likelihoods
    self.batchTokens = batchTokens
    endTokens = Set(model.configuration.eosTokenIDs)
    var options = [Layer.key: layer.rawValue]
    if likelihoods { options[Self.likelihoodsKey] = "true" }
    identity = EncoderIdentity(
      kind: Self.kind, arrangement: .separate,
      width: model.configuration.hiddenSize + (likelihoods ? PrefixLikelihood.width : 0),
      options: options,
      fingerprint: fingerprint(
        configuration: Self.summary(model.configuration),
        parameters: model.parameters + (model.adapter?.parameters ?? [])))
  }

  /// What of a configuration the states depend on beside the weights and their shapes.
  private static func summary(_ configuration: ModelConfiguration) -> String {
    "\(configuration.family.rawValue) \(configuration.headCount) heads, "
      + "rope \(configuration.ropeTheta) \(configuration.ropeScaling), "
      + "norm \(configuration.rmsNormEpsilon), end \(Set(configuration.eosTokenIDs).sorted())"
  }

  /// Where the model is.
  public var device: Device { model.device }

  /// The states at the last tokens of the steps, in single precision.
  ///
  /// A step that ends with an end token counts up to the token before it [R]: no model learns to say
  /// anything after its end token, so the state there knows little, and it would be the one state that
  /// only complete solutions have.
  ///
  /// Rollouts are packed without padding, and a prompt is read once for all rollouts next to each other
  /// that answer it.
  public func encode(
    _ rollouts: [RolloutSteps], prefixes: [PrefixSelection]
  ) -> any EncodedPrefixes {
    guard !rollouts.isEmpty else {
      return SeparateFeatures(.zeros([0, identity.width], device: device))
    }
    return withoutGradients {
      let parts = batches(rollouts).map { features(of: rollouts[$0], prefixes: prefixes[$0]) }
      return SeparateFeatures(.concatenated(parts))
    }
  }

  /// Rollouts that pass together: as many as the budget allows, at least one.
  private func batches(_ rollouts: [RolloutSteps]) -> [Range<Int>] {
    var batches: [Range<Int>] = []
    var (start, tokens) = (0, 0)
    for (index, rollout) in rollouts.enumerated() {
      let prompt = rollout.promptIDs.count
      var more = rollout.completionIDs.count
      if index == start || rollout.promptIDs != rollouts[index - 1].promptIDs { more += prompt }
      if index > start, tokens + more > batchTokens {
        batches.append(start..<index)
        (start, tokens) = (index, 0)
        more = rollout.completionIDs.count + prompt
      }
      tokens += more
    }
    return batches + [start..<rollouts.count]
  }

  /// `[prefixes, width]`, rollout by rollout.
  private func features(
    of rollouts: ArraySlice<RolloutSteps>, prefixes: ArraySlice<PrefixSelection>
  ) -> Tensor {
    var packed = PackedSequences()
    // The places of the prefixes' last tokens, and what the likelihoods are asked of.
    var positions: [Int] = []
    var read: [ReadRollout] = []
    for (rollout, selection) in zip(rollouts, prefixes) {
      let promptLength = rollout.promptIDs.count
      let ends = PrefixSelection.everyStep.lastTokens(rollout)
        .map { lastTextToken(of: rollout, upTo: $0) }
      let selected = ends.suffix(selection.count(rollout))
      // Nothing after the last step's end is needed.
      let length = max(0, 1 + (ends.last ?? 0) - promptLength)
      let ids = Array(rollout.completionIDs.prefix(length))
      let (prompt, completion) = packed.append(ids, to: rollout.promptIDs)
      positions += selected.map {
        $0 < promptLength
          ? prompt.lowerBound + $0 : completion.lowerBound + $0 - promptLength
      }
      read.append(
        ReadRollout(
          ids: ids, sources: Array(([prompt.upperBound - 1] + completion).prefix(length)),
          lengths: ends.map { $0 + 1 - promptLength }, selectedCount: selected.count))
    }
    let residual = model.hiddenStates(packed, beforeFinalNorm: true)
    let needsNorm = likelihoods || layer == .final
    let normalised = needsNorm ? model.normalised(residual) : residual
    let states = layer == .beforeFinalNorm ? residual : normalised
    let selected = states.indexSelect(0, Tensor(positions, on: device)).to(.float32)
    guard likelihoods else { return selected }
    let likely = zip(read, logProbabilities(normalised, read)).flatMap { rollout, values in
      PrefixLikelihood.features(values, lengths: rollout.lengths)
        .suffix(rollout.selectedCount * PrefixLikelihood.width)
    }
    return .concatenated(
      [selected, Tensor(likely, shape: [positions.count, PrefixLikelihood.width], on: device)],
      dim: 1)
  }

  /// The part of a completion that is read.
  private struct ReadRollout {
    let ids: [Int]
    /// For every token the place of the one that predicts it.
    let sources: [Int]
    /// How many of the tokens every prefix has.
    let lengths: [Int]
    /// How many of the prefixes are asked for: the last ones.
    let selectedCount: Int
  }

  /// The model's own log-probability of every completion token that is read.
  private func logProbabilities(_ states: Tensor, _ read: [ReadRollout]) -> [[Float]] {
    let targets = read.flatMap(\.ids)
    guard !targets.isEmpty else { return read.map { _ in [] } }
    let values = Tensor.tokenLogProbabilities(
      hidden: states.indexSelect(0, Tensor(read.flatMap(\.sources), on: device)),
      weight: model.outputWeight, targets: Tensor(targets, on: device), temperature: 1,
      chunkRows: max(1, Self.logitElements / model.outputWeight.size(0))
    ).logProbabilities.floats
    var next = 0
    return read.map { rollout in
      defer { next += rollout.ids.count }
      return Array(values[next..<next + rollout.ids.count])
    }
  }

  /// The last token up to a place in prompt and completion that does not end the text, or the first of
  /// all.
  private func lastTextToken(of rollout: RolloutSteps, upTo place: Int) -> Int {
    let prompt = rollout.promptIDs
    var place = place
    func id(_ place: Int) -> Int {
      place < prompt.count ? prompt[place] : rollout.completionIDs[place - prompt.count]
    }
    while place > 0, endTokens.contains(id(place)) { place -= 1 }
    return place
  }
}
