/// How likely a language model finds the tokens of a prefix [R].
///
/// A policy's own slip is a token that it gave little probability. Hidden states say what was written; that it
/// was improbable they say at best on the way, and a head that learns from a few hundred outcomes hardly
/// finds it there.
enum PrefixLikelihood {
  /// Four numbers for a prefix of t steps: the mean and the least log-probability of step t's tokens, and
  /// of all tokens up to there.
  static let width = 4

  /// The numbers of every prefix, one after the other; 0 where there is no token.
  ///
  /// - Parameters:
  ///   - logProbabilities: of the completion's tokens, at least up to the last end.
  ///   - lengths: how many of the completion's tokens every prefix has.
  static func features(_ logProbabilities: [Float], lengths: [Int]) -> [Float] {
    var start = 0
    var total: Float = 0
    var least: Float = 0
    return lengths.flatMap { length -> [Float] in
      let end = max(start, length)
      let step = logProbabilities[start..<end]
      let sum = step.reduce(0, +)
      let low = step.min() ?? 0
      total += sum
      least = min(least, low)
      start = end
      return [
        sum / Float(max(step.count, 1)), low, total / Float(max(end, 1)), least,
      ]
    }
  }
}
