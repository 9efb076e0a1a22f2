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
  /// The most tokens with padding that one forward pass reads; a longer rollout passes by itself.
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
  /// Rows are padded on the right, where causal attention never looks back at the padding.
  public func encode(
    _ rollouts: [RolloutSteps], prefixes: PrefixSelection
  ) -> any EncodedPrefixes {
    guard !rollouts.isEmpty else {
      return SeparateFeatures(.zeros([0, identity.width], device: device))
    }
    return withoutGradients {
      let batches = batches(rollouts)
      let parts = batches.map { features(of: $0.map { rollouts[$0] }, prefixes: prefixes) }
      return SeparateFeatures(
        .concatenated(parts).indexSelect(0, places(rollouts, batches, prefixes)))
    }
  }

  /// Numbers of rollouts, those of like length together, longest first: if memory does not suffice,
  /// the first batch says so.
  private func batches(_ rollouts: [RolloutSteps]) -> [[Int]] {
    let lengths = rollouts.map { $0.promptIDs.count + $0.completionIDs.count }
    let order = rollouts.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var batches: [[Int]] = []
    var room = 0
    for rollout in order {
      if room == 0 {
        batches.append([])
        room = max(1, batchTokens / lengths[rollout])
      }
      batches[batches.count - 1].append(rollout)
      room -= 1
    }
    return batches
  }

  /// `[prefixes, width]`, rollout by rollout.
  private func features(of rollouts: [RolloutSteps], prefixes: PrefixSelection) -> Tensor {
    // Nothing after the last step's end is needed.
    let ends = rollouts.map { rollout in
      prefixes.lastTokens(rollout).map { lastTextToken(of: rollout, upTo: $0) }
    }
    let length = 1 + (ends.compactMap(\.last).max() ?? 0)
    var ids: [Int] = []
    var positions: [Int] = []
    for (row, rollout) in rollouts.enumerated() {
      let sequence = (rollout.promptIDs + rollout.completionIDs).prefix(length)
      ids += sequence
      ids += Array(repeating: 0, count: length - sequence.count)
      positions += ends[row].map { row * length + $0 }
    }
    let input = Tensor(ids, shape: [rollouts.count, length], on: device)
    let residual = model.hiddenStates(input, beforeFinalNorm: true)
    let needsNorm = likelihoods || layer == .final
    let normalised = needsNorm ? model.normalised(residual) : residual
    let states = layer == .beforeFinalNorm ? residual : normalised
    let selected = states.reshaped([-1, states.size(2)])
      .indexSelect(0, Tensor(positions, on: device)).to(.float32)
    guard likelihoods else { return selected }
    let likely = zip(
      zip(rollouts, ends), logProbabilities(normalised, input: input, rollouts)
    ).flatMap { row in
      let ((rollout, ends), values) = row
      return PrefixLikelihood.features(
        values, lengths: ends.map { $0 + 1 - rollout.promptIDs.count })
    }
    return .concatenated(
      [selected, Tensor(likely, shape: [positions.count, PrefixLikelihood.width], on: device)],
      dim: 1)
  }

  /// The model's own log-probability of every completion token, as far as `input` goes.
  private func logProbabilities(
    _ states: Tensor, input: Tensor, _ rollouts: [RolloutSteps]
  ) -> [[Float]] {
    let length = input.size(1)
    // The places of the tokens in `input`; each is predicted at the place before.
    let places = rollouts.enumerated().map { row, rollout in
      let first = rollout.promptIDs.count
      let end = min(first + rollout.completionIDs.count, length)
      return row * length + first..<row * length + max(first, end)
    }
    let targets = places.flatMap(\.self)
    guard !targets.isEmpty else { return rollouts.map { _ in [] } }
    let values = Tensor.tokenLogProbabilities(
      hidden: states.reshaped([-1, states.size(2)])
        .indexSelect(0, Tensor(targets.map { $0 - 1 }, on: device)),
      weight: model.outputWeight,
      targets: input.reshaped([-1]).indexSelect(0, Tensor(targets, on: device)), temperature: 1,
      chunkRows: max(1, Self.logitElements / model.outputWeight.size(0))
    ).logProbabilities.floats
    var next = 0
    return places.map { places in
      defer { next += places.count }
      return Array(values[next..<next + places.count])
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

  /// For every prefix, in the order of `rollouts`, its row among the features of all batches.
  private func places(
    _ rollouts: [RolloutSteps], _ batches: [[Int]], _ prefixes: PrefixSelection
  ) -> Tensor {
    var start = Array(repeating: 0, count: rollouts.count)
    var next = 0
    for rollout in batches.joined() {
      start[rollout] = next
      next += prefixes.count(rollouts[rollout])
    }
    return Tensor(
      rollouts.indices.flatMap { start[$0]..<start[$0] + prefixes.count(rollouts[$0]) },
      on: device)
  }
}
