import PolicyOptimization
import Settings
import Tasks

/// Where a problem's entities come from.
public enum EntitySource: String, SettingChoice {
  /// The column `entities` of the data file.
  case column
  /// The results on the way to the answer that the task finds in its gold solutions.
  case intermediateResults = "intermediate-results"
}

/// The entities of all problems, and what completions find of them.
struct EntityTable {
  private let entities: [String: [Entity]]
  private let matcher: EntityMatcher

  /// - Throws: `DataError` for entities that cannot be used, `SettingError` when no problem has any or the
  ///   task has no intermediate results.
  init(
    of problems: [Problem], task: any ReasoningTask, settings: TaskSettings, mode: EntityMatchMode
  ) throws {
    matcher = EntityMatcher(
      acceptsAliases: mode == .surfaceForms, wholeWords: mode == .wholeWords)
    switch settings.entities {
    case .column:
      let file = settings.data ?? task.name
      entities = Dictionary(
        try problems.map { ($0.id, try $0.entities(in: file)) }, uniquingKeysWith: { $1 })
    case .intermediateResults:
      guard let task = task as? any IntermediateResultsTask else {
        throw SettingError(
          "task.entities is \(settings.entities.rawValue), but the task \(task.name) has no "
            + "intermediate results; the nearest is column")
      }
      entities = Dictionary(
        problems.map { ($0.id, task.resultEntities(of: $0)) }, uniquingKeysWith: { $1 })
    }
    guard entities.values.contains(where: { !$0.isEmpty }) else {
      throw SettingError(
        "no problem has entities, which the reward counts: give the data file a column "
          + "\"\(Problem.entitiesColumn)\", or set task.entities to intermediate-results for a task "
          + "whose gold solutions show them (gsm8k, \(EmbeddedTask.name))")
    }
  }

  /// What a completion names of its problem's entities. Without tools a completion is one thought.
  func match(_ text: String, of problem: Problem) -> EntityMatch {
    let own = entities[problem.id] ?? []
    return EntityMatch(matched: matcher.count(own, in: [text]), total: own.count)
  }
}

extension GradedTrajectory {
  /// What is wrong with the completion apart from its answer.
  var fault: CompletionFault {
    trajectory.finish == .length ? .overlong : verdict.extracted == nil ? .format : .none
  }
}
