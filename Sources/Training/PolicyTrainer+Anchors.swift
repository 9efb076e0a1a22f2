import PolicyOptimization
import Rollouts

extension PolicyTrainer {
  /// The groups, hard ones with an expert's solution where there is one that is right and not too long.
  func anchored(
    _ groups: [RolloutGroup]
  ) throws -> (groups: [RolloutGroup], metrics: [String: Double]) {
    guard let experts, let settings = configuration.method.distinctness else {
      return (groups, [:])
    }
    let hard = groups.indices.filter { index in
      let completions = groups[index].completions
      let right = completions.count(where: \.verdict.correct)
      return Double(right) <= settings.hardRate * Double(completions.count)
    }
    let solved = hard.compactMap { index in
      solution(of: groups[index], experts).map { (index: index, trajectory: $0) }
    }
    let values = logProbabilities(of: solved.map(\.trajectory))
    var groups = groups
    for ((index, trajectory), values) in zip(solved, values) {
      // What the sampler would have recorded: the policy that sampled the others.
      let anchor = Trajectory(
        promptIDs: trajectory.promptIDs, completionIDs: trajectory.completionIDs,
        logProbabilities: values, finish: .endToken)
      groups[index].add(
        anchor: grader.grade(anchor, of: groups[index].problem),
        replacing: settings.anchorMode == .replace)
    }
    return (
      groups,
      [
        "anchors/hard_prompts": Double(hard.count) / Double(max(1, groups.count)),
        "anchors/used": Double(solved.count),
        "anchors/missing": Double(hard.count - solved.count),
      ]
    )
  }

  /// The expert's solution of a group's problem in tokens, without log-probabilities; nil where there is
  /// none, it is wrong, or the policy could not have written it for its length.
  private func solution(of group: RolloutGroup, _ experts: ExpertSolutions) -> Trajectory? {
    guard let text = experts.text(for: group.problem),
      task.verify(completion: text, problem: group.problem).correct,
      let prompt = group.completions.first?.trajectory.promptIDs
    else { return nil }
    let end = model.primaryEndToken.map { [$0] } ?? []
    let ids = model.tokenizer.encode(text, addSpecialTokens: false) + end
    guard ids.count <= configuration.rollouts.maximumCompletion else { return nil }
    return Trajectory(
      promptIDs: prompt, completionIDs: ids, logProbabilities: [], finish: .endToken)
  }
}

extension RolloutGroup {
  fileprivate mutating func add(anchor: GradedTrajectory, replacing: Bool) {
    if replacing { completions.removeLast() }
    completions.append(anchor)
    hasAnchor = true
  }
}
