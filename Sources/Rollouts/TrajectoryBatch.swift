import Models
import Torch

/// Trajectories as one padded batch, for computing their tokens' log-probabilities anew.
///
/// Rows are padded on the right, where causal attention never looks back at the padding, so that no
/// mask is needed. T is the longest completion of the batch.
public struct TrajectoryBatch {
  /// Whether a place holds a completion token, `[rows, T]`.
  public let mask: Tensor
  /// The number of completion tokens of every row.
  public let lengths: [Int]
  /// The width T.
  public let width: Int

  private let ids: Tensor
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
    // The last token of a row is only predicted, never read.
    let length = max(
      1, trajectories.map { $0.promptIDs.count + $0.completionIDs.count - 1 }.max() ?? 1)
    var ids = [Int](repeating: 0, count: rowCount * length)
    var sources: [Int] = []
    var targets: [Int] = []
    let tokenCount = lengths.reduce(0, +)
    sources.reserveCapacity(tokenCount)
    targets.reserveCapacity(tokenCount)
    // Padding takes the entry after the last token: a zero that `padded` appends.
    var places = [Int](repeating: tokenCount, count: rowCount * width)
    for (row, trajectory) in trajectories.enumerated() {
      let sequence = trajectory.promptIDs + trajectory.completionIDs.dropLast()
      for (column, id) in sequence.enumerated() { ids[row * length + column] = id }
      let first = trajectory.promptIDs.count - 1
      for (offset, id) in trajectory.completionIDs.enumerated() {
        places[row * width + offset] = targets.count
        sources.append(row * length + first + offset)
        targets.append(id)
      }
    }
    self.ids = Tensor(ids, shape: [rowCount, length], on: device)
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
    under model: CausalLanguageModel, temperature: Double, logitElements: Int = 1 << 26
  ) -> (logProbabilities: Tensor, entropies: Tensor) {
    if targets.count == 0 {
      let nothing = Tensor.zeros([rowCount, width], device: model.device)
      return (nothing, nothing)
    }
    let hidden = model.hiddenStates(ids)
    let width = hidden.size(2)
    let rows = hidden.reshaped([-1, width]).indexSelect(0, sources)
    let weight = model.outputWeight
    let (logProbabilities, entropies) = Tensor.tokenLogProbabilities(
      hidden: rows, weight: weight, targets: targets, temperature: temperature,
      chunkRows: max(1, logitElements / weight.size(0)))
    return (padded(logProbabilities), padded(entropies))
  }

  /// The hidden states after the final norm that predict the completion tokens, `[tokens, hidden]`, row
  /// after row.
  public func predictingHiddenStates(under model: CausalLanguageModel) -> Tensor {
    let hidden = model.hiddenStates(ids)
    return hidden.reshaped([-1, hidden.size(2)]).indexSelect(0, sources)
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

extension TrajectoryBatch {
  // What a batch costs beside its tokens (dispatching its operations), in tokens. Only the balance
  // between padding and the number of batches depends on it.
  private static let batchOverhead = 384

  /// Splits rows into batches of at most `tokens` tokens with padding (one row at least), rows of like
  /// length together, so that the tokens computed, padding included, are fewest.
  ///
  /// - Returns: indices into `trajectories`, batch after batch, longest first: if memory does not
  ///   suffice, the first batch says so.
  public static func split(_ trajectories: [Trajectory], tokens: Int) -> [[Int]] {
    let lengths = trajectories.map { $0.promptIDs.count + $0.completionIDs.count }
    let order = trajectories.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    // cost[n]: the least cost of the n longest rows; a batch is as wide as its first row.
    var cost = [0]
    var start = [0]
    for end in 0..<order.count {
      var best = (cost: Int.max, start: end)
      for first in stride(from: end, through: 0, by: -1) {
        let size = (end - first + 1) * lengths[order[first]]
        if size > tokens && first < end { break }
        let total = cost[first] + size + batchOverhead
        if total < best.cost { best = (total, first) }
      }
      cost.append(best.cost)
      start.append(best.start)
    }
    var batches: [[Int]] = []
    var end = order.count
    while end > 0 {
      batches.append(Array(order[start[end]..<end]))
      end = start[end]
    }
    return batches.reversed()
  }
}
