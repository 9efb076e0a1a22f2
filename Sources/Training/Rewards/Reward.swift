import Tasks

/// What a reward is given of one completion.
public struct RewardInput: Sendable {
  /// The number of the prompt in the step; completions of one prompt share it.
  public let group: Int
  /// The problem, with its gold answer and in `metadata` the other columns of its row.
  public let problem: Problem
  /// The prompt as the model saw it.
  public let prompt: String
  /// The completion: its text, its tokens in `trajectory.completionIDs`, its verdict.
  public let completion: GradedTrajectory

  /// A completion of `problem`.
  public init(group: Int, problem: Problem, prompt: String, completion: GradedTrajectory) {
    self.group = group
    self.problem = problem
    self.prompt = prompt
    self.completion = completion
  }
}

/// What a reward says of a step's completions.
public struct RewardValues: Sendable, Equatable {
  /// One value per completion, in their order; nil where the reward has nothing to say.
  public var values: [Double?]
  /// How many of the missing values are missing because something went wrong.
  public var failed: Int
  /// What went wrong, for people.
  public var complaints: [String]

  /// Values, all of them as they should be unless said otherwise.
  public init(_ values: [Double?], failed: Int = 0, complaints: [String] = []) {
    self.values = values
    self.failed = failed
    self.complaints = complaints
  }
}

/// Something that gives completions rewards.
public protocol RewardFunction {
  /// One value per completion, in their order. A value that is missing counts as the mean of the same
  /// reward over the other completions of the prompt.
  ///
  /// - Throws: when no completion can be given a value: all are then missing, and the run says so.
  func values(of completions: [RewardInput]) throws -> RewardValues

  /// Called when training begins, so that what takes long can start beside the first rollouts.
  func prepare() throws

  /// Called when training ends.
  func finish()
}

extension RewardFunction {
  /// Nothing to prepare.
  public func prepare() throws {}
  /// Nothing to finish.
  public func finish() {}
}

/// A reward with its name and its weight in the sum that a completion earns.
///
///     let brevity = Reward("brevity", weight: 0.1) { input in
///       input.completion.text.count < 400 ? 1 : 0
///     }
///     let run = try TrainingRun(workspace, resuming: false, rewards: [brevity])
public struct Reward {
  /// Batches in a row that may be lost before a run ends: one or two can be an accident of the machine.
  public static let defaultMaximumLostBatches = 3

  /// The name in metrics and records.
  public let name: String
  /// What its values are multiplied by; with 0 they are recorded and change nothing.
  public let weight: Double
  /// What gives the values.
  public let function: any RewardFunction
  /// How many batches in a row may be lost, more than half of their values missing for failures, before
  /// the run ends; nil for any number.
  public let maximumLostBatches: Int?

  /// A reward that sees all completions of a step at once.
  public init(
    _ name: String, weight: Double = 1, function: any RewardFunction,
    maximumLostBatches: Int? = Self.defaultMaximumLostBatches
  ) {
    self.name = name
    self.weight = weight
    self.function = function
    self.maximumLostBatches = maximumLostBatches
  }

  /// A reward that looks at one completion at a time; nil stands for nothing to say.
  ///
  /// What `score` throws is counted as an error of that completion, whose value is then missing.
  public init(
    _ name: String, weight: Double = 1, score: @escaping (RewardInput) throws -> Double?
  ) {
    self.init(name, weight: weight, function: SingleReward(score: score))
  }
}

/// A function of one completion.
struct SingleReward: RewardFunction {
  let score: (RewardInput) throws -> Double?

  func values(of completions: [RewardInput]) -> RewardValues {
    var result = RewardValues([])
    for completion in completions {
      do {
        result.values.append(try score(completion))
      } catch {
        result.values.append(nil)
        result.failed += 1
        // One says what is wrong; a step may have hundreds.
        if result.complaints.isEmpty { result.complaints.append("\(error)") }
      }
    }
    return result
  }
}
