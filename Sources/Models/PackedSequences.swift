import Torch

/// Token sequences one after the other, without padding, for one forward pass.
///
/// A branch continues a stem. Completions of one prompt are branches of one stem, so that the prompt is
/// computed once for all of them.
///
/// ```swift
/// var packed = PackedSequences()
/// let prompt = packed.appendStem([1, 403, 407])
/// let first = packed.appendBranch([261, 378])   // 3 ..< 5
/// let second = packed.appendBranch([410])       // 5 ..< 6
/// let hidden = model.hiddenStates(packed)       // [6, hidden]
/// ```
public struct PackedSequences {
  /// All tokens.
  public private(set) var ids: [Int] = []
  /// The position of each token in its text.
  public private(set) var positions: [Int] = []
  private var rows: [[Int]] = []
  private var stem = 0..<0

  /// No sequences.
  public init() {}

  /// Adds a sequence that attends to nothing before it, at least one token long.
  ///
  /// - Returns: where its tokens lie.
  @discardableResult
  public mutating func appendStem(_ tokens: [Int]) -> Range<Int> {
    stem = append(tokens, from: 0, isBranch: false)
    return stem
  }

  /// Adds a continuation of the last stem, at least one token long.
  ///
  /// - Returns: where its tokens lie.
  @discardableResult
  public mutating func appendBranch(_ tokens: [Int]) -> Range<Int> {
    precondition(!stem.isEmpty, "a branch needs a stem before it")
    return append(tokens, from: stem.count, isBranch: true)
  }

  /// Adds a completion, also an empty one, of a prompt of at least one token. The prompt is added before it,
  /// unless the completion before had the same.
  ///
  /// - Returns: where the tokens of both lie.
  public mutating func append(
    _ completion: [Int], to prompt: [Int]
  ) -> (prompt: Range<Int>, completion: Range<Int>) {
    if stem.isEmpty || !ids[stem].elementsEqual(prompt) { appendStem(prompt) }
    return (stem, completion.isEmpty ? ids.count..<ids.count : appendBranch(completion))
  }

  private mutating func append(_ tokens: [Int], from start: Int, isBranch: Bool) -> Range<Int> {
    precondition(!tokens.isEmpty, "an empty sequence cannot be packed")
    let first = ids.count
    ids += tokens
    positions += start..<start + tokens.count
    rows.append([tokens.count, isBranch ? 1 : 0])
    return first..<ids.count
  }

  /// As `Tensor.packedAttention` takes it.
  var layout: Tensor { Tensor(rows: rows) }
}
