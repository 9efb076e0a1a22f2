import Torch

/// How pushing down the tokens of wrong answers moves the likelihood of right ones (NTHR, arXiv
/// 2505.18830), for the groups that have both.
public struct TokenInfluence: Sendable, Equatable {
  /// `[B][length]` e of each counted token of a wrong row; 0 in right rows and in other groups.
  public var tokens: [[Double]]
  /// `[B]` a of a right row; nil for wrong rows and in other groups.
  public var anchors: [Double?]

  /// Influences of all rows of a batch.
  public init(tokens: [[Double]], anchors: [Double?]) {
    precondition(tokens.count == anchors.count, "every row has an anchor or none")
    self.tokens = tokens
    self.anchors = anchors
  }

  /// No influence on any token of rows with these lengths.
  public init(lengths: [Int]) {
    self.init(
      tokens: lengths.map { [Double](repeating: 0, count: $0) }, anchors: lengths.map { _ in nil })
  }
}

/// What the old policy computed for the counted tokens of one group, N in all, row after row.
public struct GroupActivations {
  /// The tokens of every row.
  public let tokenIDs: [[Int]]
  /// `[N, d]` the final hidden state that predicts each token: the output weight's input.
  public let hidden: Tensor
  /// `[N, V*]` the probabilities there, of the whole vocabulary's softmax, at the columns V*.
  public let probabilities: Tensor

  /// Activations; `probabilities` has the columns of `vocabulary(of: tokenIDs)`.
  public init(tokenIDs: [[Int]], hidden: Tensor, probabilities: Tensor) {
    let count = tokenIDs.reduce(0) { $0 + $1.count }
    precondition(
      hidden.rank == 2 && hidden.size(0) == count
        && probabilities.shape == [count, Self.vocabulary(of: tokenIDs).count],
      "hidden \(hidden.shape) and probabilities \(probabilities.shape) do not fit \(count) tokens of "
        + "\(Self.vocabulary(of: tokenIDs).count) kinds")
    self.tokenIDs = tokenIDs
    self.hidden = hidden
    self.probabilities = probabilities
  }

  /// V*: the ids that occur among the group's counted tokens, ascending.
  public static func vocabulary(of tokenIDs: [[Int]]) -> [Int] { Set(tokenIDs.joined()).sorted() }

  /// `[N, V*]` the prediction errors g = onehot(y) - probabilities, in single precision at least.
  var errors: Tensor {
    let vocabulary = Self.vocabulary(of: tokenIDs)
    let place = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0) })
    let columns = tokenIDs.joined().map { place[$0] ?? 0 }
    let wide = wide(probabilities)
    let index = Tensor(columns, shape: [columns.count, 1], on: wide.device)
    let ones = Tensor.ones([columns.count, 1], dtype: wide.dtype, device: wide.device)
    return wide.zeros(wide.shape).scatter(1, index, ones) - wide
  }

  private func wide(_ tensor: Tensor) -> Tensor {
    tensor.to(tensor.dtype == .float64 ? .float64 : .float32)
  }

  /// M = sum over right rows i and tokens k of g_ik h_ik^T, `[V*, d]`; the gradient of the right
  /// answers' log-likelihood in the output weight, at the rows V*.
  public func likelihoodGradient(correct: [Bool]) -> Tensor {
    let rows = tokenPlaces(of: correct.indices.filter { correct[$0] })
    let index = Tensor(rows, on: hidden.device)
    return errors.indexSelect(0, index).transposed(0, 1)
      .matmul(wide(hidden).indexSelect(0, index))
  }

  /// e_jk = g_jk^T M h_jk of every token of a wrong row j, and a_i = (1/L_i) sum_k g_ik^T M_i h_ik of
  /// every right row i, where M_i is M, or M without row i's own part.
  ///
  /// - Parameters:
  ///   - correct: by row; some are true and some are not.
  ///   - includeSelf: whether M_i is M.
  public func influence(correct: [Bool], includeSelf: Bool) -> TokenInfluence {
    precondition(correct.count == tokenIDs.count, "every row is right or wrong")
    var influence = TokenInfluence(lengths: tokenIDs.map(\.count))
    let errors = errors
    let hidden = wide(hidden)
    // (g^T M) . h by token: no outer product is ever built but M itself.
    let values = host((errors.matmul(likelihoodGradient(correct: correct)) * hidden).sum(1))
    for row in tokenIDs.indices {
      let places = tokenPlaces(of: [row])
      let own = places.map { values[$0] }
      guard correct[row] else {
        influence.tokens[row] = own
        continue
      }
      var sum = own.reduce(0, +)
      if !includeSelf, !places.isEmpty {
        // sum_k g_k^T (sum_l g_l h_l^T) h_k
        let index = Tensor(places, on: hidden.device)
        let ownErrors = errors.indexSelect(0, index)
        let ownHidden = hidden.indexSelect(0, index)
        let ownGradient = ownErrors.transposed(0, 1).matmul(ownHidden)
        sum -= (ownErrors.matmul(ownGradient) * ownHidden).sum().item
      }
      influence.anchors[row] = sum / Double(max(places.count, 1))
    }
    return influence
  }

  /// The elements, which a device without double precision cannot convert itself.
  private func host(_ tensor: Tensor) -> [Double] {
    tensor.dtype == .float64 ? tensor.doubles : tensor.floats.map(Double.init)
  }

  /// The places of some rows' tokens among all.
  private func tokenPlaces(of rows: [Int]) -> [Int] {
    var starts = [0]
    for ids in tokenIDs { starts.append((starts.last ?? 0) + ids.count) }
    return rows.flatMap { Array(starts[$0]..<starts[$0 + 1]) }
  }
}
