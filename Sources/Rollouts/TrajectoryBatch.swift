import Models
import Torch

/// Trajectories as one batch, for computing their tokens' log-probabilities anew.
///
/// The model sees the tokens packed, without padding, and a prompt once for all the rows next to each
/// other that answer it. T is the longest completion of the batch.
public struct TrajectoryBatch {
  /// How many logits exist at once at the most; more are made in parts.
  public static let logitElements = 1 << 26

  /// Whether a place holds a completion token, `[rows, T]`.
  public let mask: Tensor
  /// The number of completion tokens of every row.
  public let lengths: [Int]
  /// The width T.
  public let width: Int

  private let packed: PackedSequences
  /// For each completion token, the place of the token that predicts it.
  private let sources: Tensor
  private let targets: Tensor
  private let places: Tensor
  private let rowCount: Int

  /// A batch of `trajectories`, at least one.
  public init(_ trajectories: [Trajectory], device: Device) {
    precondition(!trajectories.isEmpty, "an empty batch of trajectories")
    rowCount = trajectories.count
    lengths = trajectories.map(\.completionIDs.count)
    width = max(1, lengths.max() ?? 1)
    var packed = PackedSequences()
    var sources: [Int] = []
    var targets: [Int] = []
    let tokenCount = lengths.reduce(0, +)
    sources.reserveCapacity(tokenCount)
    targets.reserveCapacity(tokenCount)
    // Padding takes the entry after the last token: a zero that `padded` appends.
    var places = [Int](repeating: tokenCount, count: rowCount * width)
    var stem = 0..<0
    for (row, trajectory) in trajectories.enumerated() {
      if row == 0 || trajectory.promptIDs != trajectories[row - 1].promptIDs {
        stem = packed.appendStem(trajectory.promptIDs)
      }
      guard let last = trajectory.completionIDs.last else { continue }
      for offset in trajectory.completionIDs.indices {
        places[row * width + offset] = targets.count + offset
      }
      sources.append(stem.upperBound - 1)
      // The last token of a row is only predicted, never read.
      let read = trajectory.completionIDs.dropLast()
      if !read.isEmpty { sources += packed.appendBranch(Array(read)) }
      targets += read
      targets.append(last)
    }
    self.packed = packed
    self.sources = Tensor(sources, on: device)
    self.targets = Tensor(targets, on: device)
    self.places = Tensor(places, on: device)
    mask = (self.places .!= Double(tokenCount)).reshaped([rowCount, width])
  }

  /// Log-probabilities (differentiable) and entropies (not), in nats, of the completion tokens under
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

  /// The hidden states after the final norm that predict the completion tokens, `[tokens, hidden]`, row
  /// after row.
  public func predictingHiddenStates(under model: CausalLanguageModel) -> Tensor {
    model.hiddenStates(packed).indexSelect(0, sources)
  }

  /// Values of the completion tokens `[tokens]`, row after row, as `[rows, T]` with 0 at padding.
  private func padded(_ values: Tensor) -> Tensor {
    Tensor.concatenated([values, values.zeros([1])]).indexSelect(0, places)
      .reshaped([rowCount, width])
  }

  /// One value per completion token of every row as `[rows, T]` with 0 at padding.
  public func padded(_ values: [[Float]]) -> Tensor {
    precondition(values.map(\.count) == lengths, "one value per completion token is needed")
    return padded(Tensor(values.flatMap { $0 }, on: mask.device))
  }
}
