import Models
import Torch

/// Trajectories as one batch, for computing their tokens' log-probabilities anew.
///
/// The model sees the tokens packed, without padding, and a prompt once for all the rows next to each
/// other that answer it. Tokens that the policy did not choose are read but have no place: T is the
/// greatest number of sampled tokens of a row.
public struct TrajectoryBatch {
  /// How many logits exist at once at the most; more are made in parts.
  public static let logitElements = 1 << 26

  /// Whether a place holds a sampled token, `[rows, T]`.
  public let mask: Tensor
  /// The number of sampled tokens of every row.
  public let lengths: [Int]
  /// The width T.
  public let width: Int

  private let packed: PackedSequences
  /// For each sampled token, the place of the token that predicts it.
  private let sources: Tensor
  private let targets: Tensor
  private let places: Tensor
  private let rowCount: Int

  /// A batch of `trajectories`, at least one.
  public init(_ trajectories: [Trajectory], device: Device) {
    precondition(!trajectories.isEmpty, "an empty batch of trajectories")
    rowCount = trajectories.count
    lengths = trajectories.map(\.sampledCount)
    width = max(1, lengths.max() ?? 1)
    var packed = PackedSequences()
    var sources: [Int] = []
    var targets: [Int] = []
    let tokenCount = lengths.reduce(0, +)
    sources.reserveCapacity(tokenCount)
    targets.reserveCapacity(tokenCount)
    // Padding takes the entry after the last token: a zero that `padded` appends.
    var places = [Int](repeating: tokenCount, count: rowCount * width)
    for (row, trajectory) in trajectories.enumerated() {
      // The last token of a row is only predicted, never read.
      let (prompt, read) = packed.append(
        Array(trajectory.completionIDs.dropLast()), to: trajectory.promptIDs)
      guard !trajectory.completionIDs.isEmpty else { continue }
      for offset in 0..<lengths[row] {
        places[row * width + offset] = targets.count + offset
      }
      sources += trajectory.sampled([prompt.upperBound - 1] + read)
      targets += trajectory.sampled(trajectory.completionIDs)
    }
    self.packed = packed
    self.sources = Tensor(sources, on: device)
    self.targets = Tensor(targets, on: device)
    self.places = Tensor(places, on: device)
    mask = (self.places .!= Double(tokenCount)).reshaped([rowCount, width])
  }

  /// Log-probabilities (differentiable) and entropies (not), in nats, of the sampled tokens under
  /// softmax(logits / temperature), both `[rows, T]` with 0 at padding.
  ///
  /// - Parameter logitElements: how many logits may exist at once; more are made in parts.
  public func logProbabilities(
    under model: CausalLanguageModel, temperature: Double,
    logitElements: Int = TrajectoryBatch.logitElements
  ) -> (logProbabilities: Tensor, entropies: Tensor) {
    if targets.count == 0 {
      let nothing = Tensor.zeros([rowCount, width], device: model.device)
      return (nothing, nothing)
    }
    let rows = predictingHiddenStates(under: model)
    let weight = model.outputWeight
    let (logProbabilities, entropies) = Tensor.tokenLogProbabilities(
      hidden: rows, weight: weight, targets: targets, temperature: temperature,
      chunkRows: max(1, logitElements / weight.size(0)))
    return (padded(logProbabilities), padded(entropies))
  }

  /// The hidden states after the final norm that predict the sampled tokens, `[tokens, hidden]`, row
  /// after row.
  public func predictingHiddenStates(under model: CausalLanguageModel) -> Tensor {
    model.hiddenStates(packed).indexSelect(0, sources)
  }

  /// Values of the sampled tokens `[tokens]`, row after row, as `[rows, T]` with 0 at padding.
  private func padded(_ values: Tensor) -> Tensor {
    Tensor.concatenated([values, values.zeros([1])]).indexSelect(0, places)
      .reshaped([rowCount, width])
  }

  /// One value per sampled token of every row as `[rows, T]` with 0 at padding.
  public func padded(_ values: [[Float]]) -> Tensor {
    precondition(values.map(\.count) == lengths, "one value per sampled token is needed")
    return padded(Tensor(values.flatMap { $0 }, on: mask.device))
  }
}
