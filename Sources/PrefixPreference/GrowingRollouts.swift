import Torch

/// Judges the prefixes of rollouts while they grow, from the states that the encoder's model has at
/// their tokens: the same judgements as `PreferenceModel.score` makes of whole rollouts, up to rounding.
public struct GrowingRollouts {
  /// What the preference model says of a prefix and the one that has a step less.
  public struct Judgement: Sendable, Hashable {
    /// P(q, s_1:t-1, s_1:t).
    public let oldNew: Double
    /// P(q, s_1:t, s_1:t-1).
    public let newOld: Double
  }

  /// New tokens of a rollout.
  public struct Piece {
    /// The rollout's number.
    public let rollout: Int
    /// Its next tokens.
    public let ids: [Int]
    /// Where in them the last tokens of steps are, ascending; -1 is the last token of the piece before.
    public let stepEnds: [Int]

    /// A piece of rollout number `rollout`.
    public init(rollout: Int, ids: [Int], stepEnds: [Int]) {
      self.rollout = rollout
      self.ids = ids
      self.stepEnds = stepEnds
    }
  }

  /// What is kept of a rollout.
  private struct Rollout {
    var tokenCount = 0
    /// Of every token, where the encoder's features ask for them.
    var logProbabilities: [Float] = []
    /// The number of tokens of each prefix.
    var lengths: [Int] = []
    /// The features of the longest prefix, `[1, width]`.
    var feature: Tensor?
  }

  private let preference: PreferenceModel
  private let encoder: CausalPrefixEncoder
  private var rollouts: [Rollout]

  /// - Parameters:
  ///   - encoder: the encoder of `preference`.
  ///   - count: the number of rollouts, none of which has a token yet.
  public init(_ preference: PreferenceModel, encoder: CausalPrefixEncoder, count: Int) {
    self.preference = preference
    self.encoder = encoder
    rollouts = Array(repeating: Rollout(), count: count)
  }

  /// Judges the prefixes that end in new pieces of some rollouts.
  ///
  /// - Parameters:
  ///   - pieces: each with a token at least.
  ///   - before: the states before the final norm at the tokens before the pieces, `[pieces, hidden]`.
  ///   - states: those at the pieces' tokens, `[pieces, length, hidden]`, whatever they are beyond.
  /// - Returns: for each of a piece's step ends the judgement; nil for a rollout's first step.
  /// - Throws: `PreferenceError.notFinite`.
  public mutating func judge(
    _ pieces: [Piece], before: Tensor, states: Tensor
  ) throws -> [[Judgement?]] {
    try withoutGradients {
      let all = Tensor.concatenated([before.unsqueezed(1), states], dim: 1)
      if encoder.likelihoods { readLikelihoods(pieces, all) }
      let new = features(pieces, all)
      return try judged(pieces, new)
    }
  }

  /// The features of the prefixes that end in the pieces, `[ends, width]`, piece after piece.
  private mutating func features(_ pieces: [Piece], _ states: Tensor) -> Tensor? {
    let width = states.size(1)
    var places: [Int] = []
    var likely: [Float] = []
    for (index, piece) in pieces.enumerated() {
      let known = rollouts[piece.rollout].tokenCount
      rollouts[piece.rollout].lengths += piece.stepEnds.map { known + $0 + 1 }
      rollouts[piece.rollout].tokenCount += piece.ids.count
      places += piece.stepEnds.map { index * width + $0 + 1 }
      if encoder.likelihoods, !piece.stepEnds.isEmpty {
        let rollout = rollouts[piece.rollout]
        likely += PrefixLikelihood.features(rollout.logProbabilities, lengths: rollout.lengths)
          .suffix(piece.stepEnds.count * PrefixLikelihood.width)
      }
    }
    if places.isEmpty { return nil }
    let residual = states.reshaped([-1, states.size(2)])
      .indexSelect(0, Tensor(places, on: encoder.device))
    let selected =
      (encoder.layer == .final ? encoder.model.normalised(residual) : residual).to(.float32)
    guard encoder.likelihoods else { return selected }
    return .concatenated(
      [
        selected,
        Tensor(likely, shape: [places.count, PrefixLikelihood.width], on: encoder.device),
      ], dim: 1)
  }

  /// How likely the encoder's model finds the pieces' tokens.
  private mutating func readLikelihoods(_ pieces: [Piece], _ states: Tensor) {
    let width = states.size(1)
    let places = pieces.enumerated().flatMap { index, piece in
      piece.ids.indices.map { index * width + $0 }
    }
    let weight = encoder.model.outputWeight
    let values = Tensor.tokenLogProbabilities(
      hidden: encoder.model.normalised(
        states.reshaped([-1, states.size(2)]).indexSelect(0, Tensor(places, on: encoder.device))),
      weight: weight, targets: Tensor(pieces.flatMap(\.ids), on: encoder.device), temperature: 1,
      chunkRows: max(1, CausalPrefixEncoder.logitElements / weight.size(0))
    ).logProbabilities.floats
    var next = 0
    for piece in pieces {
      rollouts[piece.rollout].logProbabilities += values[next..<next + piece.ids.count]
      next += piece.ids.count
    }
  }

  /// Compares every new prefix with the one before it.
  private mutating func judged(_ pieces: [Piece], _ new: Tensor?) throws -> [[Judgement?]] {
    guard let new else { return pieces.map { _ in [] } }
    var vectors = [new]
    var count = new.size(0)
    var (olds, news): ([Int], [Int]) = ([], [])
    var place = 0
    for piece in pieces where !piece.stepEnds.isEmpty {
      if let known = rollouts[piece.rollout].feature {
        vectors.append(known)
        olds.append(count)
        news.append(place)
        count += 1
      }
      for _ in piece.stepEnds.dropFirst() {
        olds.append(place)
        news.append(place + 1)
        place += 1
      }
      rollouts[piece.rollout].feature = new.narrow(0, from: place, count: 1)
      place += 1
    }
    let (oldNew, newOld) = try preference.preferences(
      of: SeparateFeatures(.concatenated(vectors)), old: olds, new: news)
    var judgements = [Judgement?](repeating: nil, count: place)
    for (index, place) in news.enumerated() {
      judgements[place] = Judgement(oldNew: oldNew[index], newOld: newOld[index])
    }
    var next = 0
    return pieces.map { piece in
      defer { next += piece.stepEnds.count }
      return Array(judgements[next..<next + piece.stepEnds.count])
    }
  }
}
