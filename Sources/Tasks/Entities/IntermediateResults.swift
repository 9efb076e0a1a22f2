/// A task whose gold solutions show numbers on the way to the answer.
public protocol IntermediateResultsTask: ReasoningTask {
  /// The results on the way to the answer of a problem, in order, as they are written; without the
  /// answer itself, so that naming it earns a wrong solution nothing.
  func intermediateResults(of problem: Problem) -> [String]
}

extension IntermediateResultsTask {
  /// The intermediate results as entities, each once.
  public func resultEntities(of problem: Problem) -> [Entity] {
    intermediateResults(of: problem).compactMap { Entity([$0]) }.withoutRepetitions
  }
}

extension GSM8KTask: IntermediateResultsTask {
  /// The numbers n of the calculator annotations `<<48/2=24>>` in the worked solution.
  public func intermediateResults(of problem: Problem) -> [String] {
    guard let solution = problem.solution else { return [] }
    var results: [String] = []
    var rest = solution[...]
    while let start = rest.firstRange(of: "<<") {
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: ">>") else { break }
      if let equals = rest[..<end.lowerBound].lastIndex(of: "=") {
        results.append(String(rest[rest.index(after: equals)..<end.lowerBound]))
      }
      rest = rest[end.upperBound...]
    }
    return results.map { $0.trimmingWhitespace() }
      .filter { !$0.isEmpty && $0 != problem.answer }
  }
}

extension EmbeddedTask: IntermediateResultsTask {
  /// The results of all operations but the last; none for a text that is no telling of a chain.
  public func intermediateResults(of problem: Problem) -> [String] {
    guard let story = try? ArithmeticStory(parsing: problem.prompt) else { return [] }
    return story.chain.results.dropLast().map(String.init).filter { $0 != problem.answer }
  }
}
