/// Which prompts are worth a rollout, decided before there is one, from what earlier rollouts or a model
/// say of them.
public protocol PromptScreening: Sendable {
  /// What it remembers from step to step; a checkpoint holds it.
  associatedtype State: Codable & Sendable & Equatable

  /// The memory.
  var state: State { get set }
  /// Whether further candidates are drawn until a step has the prompts it wants. If not, a step has the
  /// prompts that are left of its own.
  var refills: Bool { get }
  /// Whether candidates must have an `expectedAccuracy`.
  func needsExpectedAccuracy(at progress: TrainingProgress) -> Bool

  /// The prompts to roll out. At least one where `refills` is false.
  func screen(_ candidates: [PromptCandidate], progress: TrainingProgress) -> ScreeningDecision
  /// Takes in what the rollouts of a step gave.
  mutating func observe(_ outcomes: [PromptOutcome])
  /// The prompts to take where a whole pass over the problems has left none; for `refills`.
  func fallback(among candidates: [PromptCandidate], wanted: Int) -> [Int]
}

extension PromptScreening {
  /// Never.
  public func needsExpectedAccuracy(at progress: TrainingProgress) -> Bool { false }
  /// The first ones.
  public func fallback(among candidates: [PromptCandidate], wanted: Int) -> [Int] {
    Array(candidates.indices.prefix(wanted))
  }
}

/// Prompts that passed a screening and wait for a step.
public struct PromptQueue: Sendable, Equatable {
  /// The places of the waiting prompts, oldest first.
  public private(set) var waiting: [Int]

  /// A queue that already holds prompts.
  public init(_ waiting: [Int] = []) { self.waiting = waiting }

  /// Adds prompts behind the others.
  public mutating func add(_ places: some Sequence<Int>) { waiting += places }

  /// Takes out the oldest `count`, or nil as long as there are fewer.
  public mutating func next(_ count: Int) -> [Int]? {
    guard waiting.count >= count else { return nil }
    defer { waiting.removeFirst(count) }
    return Array(waiting.prefix(count))
  }
}

/// A prompt that may be rolled out.
public struct PromptCandidate: Sendable, Equatable {
  /// The problem's identity, the same whenever it comes again.
  public let id: String
  /// A number in [0, 1) drawn from the run's seed for this occurrence.
  public let draw: Double
  /// The share of right answers that a model expects, where there is one.
  public let expectedAccuracy: Double?

  /// A candidate.
  public init(id: String, draw: Double, expectedAccuracy: Double? = nil) {
    self.id = id
    self.draw = draw
    self.expectedAccuracy = expectedAccuracy
  }
}

/// What became of some candidates.
public struct ScreeningDecision: Sendable, Equatable {
  /// The places of the prompts to roll out, ascending.
  public var kept: [Int]
  /// For every kept prompt the weight of its rows in a loss that is a mean over the kept ones; nil where
  /// all are 1.
  public var weights: [Double]?
  /// What was measured.
  public var metrics: Metrics

  /// A decision.
  public init(kept: [Int], weights: [Double]? = nil, metrics: Metrics = [:]) {
    self.kept = kept
    self.weights = weights
    self.metrics = metrics
  }
}

/// What the rollouts of a prompt gave.
public struct PromptOutcome: Sendable, Equatable {
  /// The problem's identity.
  public let id: String
  /// The advantages of all its completions.
  public let advantages: [Double]

  /// An outcome.
  public init(id: String, advantages: [Double]) {
    self.id = id
    self.advantages = advantages
  }
}
