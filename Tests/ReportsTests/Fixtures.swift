@testable import Training

/// Figures that are easy to find again in a table.
func figures(_ accuracy: Double, tokens: Double, perCorrect: Double?) -> Evaluation.Figures {
  Evaluation.Figures(
    accuracy: Interval(value: accuracy, low: accuracy - 0.05, high: accuracy + 0.05),
    tokens: Interval(value: tokens, low: tokens - 1, high: tokens + 1),
    steps: Interval(value: tokens / 8, low: 0, high: 9), tokensPerCorrect: perCorrect,
    truncated: 0.125)
}

func evaluation(
  _ accuracy: Double, tokens: Double, perCorrect: Double?, levels: [Int] = []
) -> Evaluation {
  Evaluation(
    problems: 40, samples: 4, temperature: 1,
    sampled: figures(accuracy, tokens: tokens, perCorrect: perCorrect),
    greedy: figures(accuracy + 0.1, tokens: tokens / 2, perCorrect: perCorrect),
    accuracyByProblem: (0..<40).map { Double($0) < 40 * accuracy ? 1 : 0 },
    passAtK: [1: accuracy, 2: accuracy],
    byLevel: Dictionary(
      uniqueKeysWithValues: levels.map {
        ($0, figures(accuracy / Double($0), tokens: tokens, perCorrect: nil))
      }),
    generatedTokens: 1000)
}

/// Two methods, the second with a name that needs escaping, at one or two seeds.
///
/// - Parameter second: the second method's accuracy by seed.
func comparison(
  seeds: [Int] = [0], levels: [Int] = [], second: [Double] = [0.625, 0.625]
) -> MethodComparison {
  func run(_ name: String, _ seed: Int, _ accuracy: Double) -> MethodComparison.Run {
    MethodComparison.Run(
      name: name, seed: seed,
      evaluation: evaluation(accuracy, tokens: 40, perCorrect: 80, levels: levels),
      curve: [
        .init(step: 10, accuracy: accuracy - 0.1, tokens: 50),
        .init(step: 20, accuracy: accuracy, tokens: 40),
      ],
      rollouts: [
        .init(step: 1, accuracy: 0.25, length: 60, generatedTokens: 700),
        .init(step: 10, accuracy: 0.5, length: 55.5, generatedTokens: 6000),
        .init(step: 20, accuracy: 0.5, length: 41, generatedTokens: 12345),
      ], rolloutTokens: 12345, seconds: 31.4)
  }
  return MethodComparison(
    base: evaluation(0.25, tokens: 64, perCorrect: nil, levels: levels), phaseOne: [],
    runs: zip(seeds, second).flatMap { seed, accuracy in
      [run("grpo", seed, 0.5), run("ws<&\"grpo\">", seed, accuracy)]
    })
}
