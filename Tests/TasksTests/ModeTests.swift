import Settings
import Testing

@testable import Tasks

@Suite struct ModeTests {
  private let reader = ModeReader(onTag: "<on>", offTag: "<off>")

  @Test func theFirstTagDecides() {
    let on = reader.decision("Hard é. <on> 1 + 1 = 2")
    #expect(on == ModeReader.Decision(mode: .on, end: 12, isOnly: true))
    let both = reader.decision("<off><on>2")
    #expect(both == ModeReader.Decision(mode: .off, end: 5, isOnly: false))
    #expect(reader.decision("<on>x<on>")?.isOnly == false)
    #expect(reader.decision("no tag <o") == nil)
    #expect(reader.decision("") == nil)
  }

  private func rollouts(on: [(Bool, Int)], off: [(Bool, Int)]) -> [ModeRollout] {
    let both = on.map { (ThinkingMode.on, $0) } + off.map { (ThinkingMode.off, $0) }
    return both.map { mode, row in
      ModeRollout(
        mode: mode, correct: row.0, length: row.1, text: "\(mode.rawValue) \(row.1)")
    }
  }

  private func builder(
    _ change: (inout ModePairSettings) -> Void = { _ in }, seed: UInt64 = 1
  ) -> ModePairBuilder {
    var settings = ModePairSettings()
    settings.randomShare = 0
    change(&settings)
    return ModePairBuilder(settings, reader: reader, seed: seed)
  }

  @Test func theModeFollowsThePassRates() {
    let right = (true, 1)
    let wrong = (false, 1)
    let cases: [([(Bool, Int)], [(Bool, Int)], ThinkingMode)] = [
      ([right, right], [right, wrong], .on), ([right, wrong], [right, right], .off),
      ([right, wrong], [right, wrong], .off), ([wrong], [wrong], .off), ([], [], .off),
      ([right], [], .on),
    ]
    for (on, off, expected) in cases {
      #expect(builder().mode(for: rollouts(on: on, off: off)) == expected)
    }
  }

  @Test func aDifferenceBelowDeltaIsNone() {
    // 9 of 20 against 8 of 20: a difference of .05.
    let on = (0..<20).map { ($0 < 9, 1) }
    let off = (0..<20).map { ($0 < 8, 1) }
    let rows = rollouts(on: on, off: off)
    #expect(builder { $0.delta = 0.05 }.mode(for: rows) == .on)
    #expect(builder { $0.delta = 0.051 }.mode(for: rows) == .off)
    #expect(builder { $0.delta = 0 }.mode(for: rollouts(on: on, off: on)) == .off)
  }

  private let problem = Problem(id: "1", prompt: "1 + 1?", answer: "2")

  @Test func theShortestRightSolutionIsKept() {
    var builder = builder()
    let rows = rollouts(on: [(true, 9), (true, 4), (true, 4), (false, 2)], off: [(false, 1)])
    let example = builder.example(of: problem, rows)
    #expect(example?.solution == "This needs thought. <on> on 4")
    #expect(example?.problem == problem)
    #expect(reader.decision(example?.solution ?? "")?.mode == .on)
    let easy = builder.example(of: problem, rollouts(on: [(true, 9)], off: [(true, 3)]))
    #expect(easy?.solution == "This can be answered at once. <off> off 3")
    #expect(builder.example(of: problem, rollouts(on: [(false, 1)], off: [(false, 1)])) == nil)
  }

  @Test func someQuestionsGetAModeAtRandom() {
    let rows = rollouts(on: [(true, 1)], off: [(true, 1)])
    func modes(_ share: Double, seed: UInt64) -> [ThinkingMode?] {
      var builder = builder({ $0.randomShare = share }, seed: seed)
      return (0..<200).map { _ in
        builder.example(of: problem, rows).flatMap { reader.decision($0.solution)?.mode }
      }
    }
    #expect(modes(0, seed: 1).allSatisfy { $0 == .off })
    let always = modes(1, seed: 1)
    #expect((70...130).contains(always.count { $0 == .on }))
    #expect(always == modes(1, seed: 1))
    #expect(always != modes(1, seed: 2))
    #expect((1...40).contains(modes(0.2, seed: 1).count { $0 == .on }))
  }

  @Test func theSettingsHaveTheirRanges() throws {
    var settings = ModePairSettings()
    let good = SettingDocument([.init(path: "a.cold-delta", value: .double(0.1), origin: "here")])
    try settings.take(good, section: "a")
    #expect(settings.delta == 0.1)
    for (key, value) in [("cold-delta", 1.5), ("cold-rollouts", 0), ("cold-random-share", -0.1)] {
      let bad = SettingDocument([.init(path: "a.\(key)", value: .double(value), origin: "here")])
      #expect(throws: SettingError.self) { try settings.take(bad, section: "a") }
    }
  }

  @Test func labelledRolloutsOfBothModesBecomeExamples() {
    func rollout(_ id: String, _ text: String, _ correct: Bool, ids: Int? = nil) -> LabelledRollout
    {
      LabelledRollout(
        problemID: id, sample: 0, question: "Q\(id)", prompt: "think: Q\(id)", completion: text,
        completionIDs: ids.map { Array(0..<$0) }, correct: correct, gold: "4")
    }
    var builder = builder()
    let examples = builder.examples(
      on: [
        rollout("1", "long", true, ids: 9), rollout("1", "short", true, ids: 3),
        rollout("2", "wrong", false),
      ],
      off: [
        rollout("3", "at once", true), rollout("1", "no", false), rollout("2", "no", false),
      ])
    #expect(examples.map(\.problem.id) == ["1", "3"])
    #expect(examples[0].problem.prompt == "Q1", "not the prompt that asked for a mode")
    #expect(examples[0].solution == "This needs thought. <on> short")
    #expect(examples[1].solution == "This can be answered at once. <off> at once")
  }
}
