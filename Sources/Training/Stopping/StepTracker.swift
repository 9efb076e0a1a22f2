import Tasks
import Tokenizers

/// Finds the steps of a completion while it grows, as `SolutionSegmenter` cuts them.
///
/// A step is known to have ended with the token before the first one that belongs to the next; it is
/// then settled, and what follows is cut by itself. So a formula that closes in a later step, which
/// would have joined the two in the whole text, does not here, and a token without text always belongs
/// to the step before it.
struct StepTracker {
  private let tokenizer: Tokenizer
  private let segmenter: SolutionSegmenter
  /// The tokens of the step that goes on.
  private var step: [Int] = []
  private var count = 0
  /// Whether the step has what a step can end with; until then it need not be cut.
  private var canEnd = false

  init(tokenizer: Tokenizer, segmenter: SolutionSegmenter) {
    self.tokenizer = tokenizer
    self.segmenter = segmenter
  }

  /// Takes the next token.
  ///
  /// - Returns: the place in the completion of the last token of the step that ended before it; nil
  ///   where none did.
  mutating func append(_ token: Int) -> Int? {
    step.append(token)
    count += 1
    let tokenCanEnd = segmenter.canEnd(in: tokenizer.decode([token], skipSpecialTokens: true))
    canEnd = canEnd || tokenCanEnd
    guard canEnd else { return nil }
    let (text, starts) = tokenizer.tokenStarts(of: step, skipSpecialTokens: true)
    let steps = segmenter.segment(text, tokenStarts: starts).stepIndices(ofTokenStarts: starts)
    guard steps.last != steps.first else { return nil }
    step = [token]
    canEnd = tokenCanEnd
    return count - 2
  }
}
