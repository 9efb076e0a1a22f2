import Training

/// One method's runs of a comparison, all seeds together.
public struct MethodSummary {
  /// The contender.
  public let name: String
  /// Its runs, by seed.
  public let runs: [MethodComparison.Run]
  /// Sampled accuracy: the mean over seeds of every problem, with an interval over problems.
  public let accuracy: Interval
  /// The accuracy minus the reference's, problem by problem and seed by seed, with an interval over
  /// problems; nil for the reference itself.
  public let difference: Interval?
  /// The same difference with Student's interval over seeds, each seed's difference being one
  /// observation; nil for the reference itself and for fewer than two seeds.
  public let differenceOverSeeds: Interval?
  /// Tokens generated, in the mean over seeds, until held-out accuracy had reached the reference's
  /// last; nil where a seed did not reach it.
  public let tokensToReference: Double?

  /// All methods of a result in the order of their first runs.
  ///
  /// - Parameter name: the method that others are compared with.
  public static func all(_ result: MethodComparison, reference name: String?) -> [MethodSummary] {
    let names = result.runs.map(\.name).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let reference = result.runs.filter { $0.name == name }
    return names.map { name in
      MethodSummary(result.runs.filter { $0.name == name }, reference: reference)
    }
  }

  /// The method that others are compared with where none is named: `grpo`, or the first where there is no
  /// such.
  public static func reference(_ result: MethodComparison) -> String? {
    result.runs.contains { $0.name == "grpo" } ? "grpo" : result.runs.first?.name
  }

  private init(_ runs: [MethodComparison.Run], reference: [MethodComparison.Run]) {
    self.runs = runs
    name = runs[0].name
    accuracy =
      runs.count == 1
      ? runs[0].evaluation.sampled.accuracy
      : .mean(Self.meanOverRuns(runs.map(\.evaluation.accuracyByProblem)))
    let pairs = runs.compactMap { run in
      reference.first { $0.seed == run.seed }.map { (run, $0) }
    }
    let isReference = reference.first?.name == runs[0].name
    let differences = pairs.map { run, other in
      zip(run.evaluation.accuracyByProblem, other.evaluation.accuracyByProblem).map(-)
    }
    difference = isReference || pairs.isEmpty ? nil : .mean(Self.meanOverRuns(differences))
    differenceOverSeeds =
      isReference || pairs.count < 2 ? nil : .studentMean(differences.map(\.mean))
    let spent = pairs.map { run, other in
      let goal = other.curve.last?.accuracy ?? other.evaluation.sampled.accuracy.value
      return run.curve.first { $0.accuracy >= goal }.flatMap { point in
        run.rollouts.first { $0.step == point.step }?.generatedTokens
      }
    }
    tokensToReference =
      spent.isEmpty || spent.contains(nil) ? nil : spent.compactMap { $0.map(Double.init) }.mean
  }

  /// The mean over seeds of a figure.
  public func mean(_ figure: (MethodComparison.Run) -> Double) -> Double { runs.map(figure).mean }

  private static func meanOverRuns(_ values: [[Double]]) -> [Double] {
    (values.first ?? []).indices.map { index in values.map { $0[index] }.mean }
  }
}
