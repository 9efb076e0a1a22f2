import JSON
import Testing

@testable import Tasks

@Suite struct PreferencePairsTests {
  @Test func agreesWithEveryGoldenCase() throws {
    let cases = try GoldenCases.named("pairs-")
    #expect(!cases.isEmpty)
    for golden in cases {
      let outcomes = try #require(golden["inputs"]?["outcomes"]?.object?.dictionary)
      let ids = outcomes.keys.sorted { Int($0) ?? 0 < Int($1) ?? 0 }
      let questions = try ids.map { id in
        QuestionOutcomes(id: id, correct: try #require(outcomes[id]?.array).map { $0 == 1 })
      }
      let config = try #require(golden["config"])
      let rule = try #require(config["all-wrong"]?.string.flatMap(AllWrongRule.init))
      let pairs = PreferencePairs(
        allWrong: rule, offtopicPerTrajectory: config["offtopic-per-trajectory"]?.int,
        pairsPerQuestion: nil
      ).candidates(of: questions)
      func row(_ reference: RolloutReference) -> JSONValue {
        [.int(Int(ids[reference.question]) ?? -1), .int(reference.rollout)]
      }
      let found = pairs.map { pair -> JSONValue in
        [.int(Int(ids[pair.question]) ?? -1), row(pair.winner), row(pair.loser)]
      }
      #expect(Set(found).count == found.count)
      #expect(Set(found) == Set(try #require(golden["expected"]?["pairs"]?.array)))
    }
  }

  /// 40 questions of 4 rollouts: mixed, all right, all wrong in turn.
  private let questions = (0..<40).map { row in
    QuestionOutcomes(
      id: "q\(row)",
      correct: [
        [true, false, true, false], [true, true, true, true], [false, false, false, false],
      ][row % 3])
  }

  @Test func partnersAreDrawnPerTrajectoryAndCappedPerQuestion() {
    let drawn = PreferencePairs(
      allWrong: .correctPositive, offtopicPerTrajectory: 3, pairsPerQuestion: nil, seed: 5
    ).candidates(of: questions)
    let cross = drawn.filter { $0.kind == .crossQuestion && $0.question % 3 == 1 }
    for (_, pairs) in Dictionary(grouping: cross, by: \.winner) {
      #expect(pairs.count == 3)
      #expect(Set(pairs.map(\.loser)).count == 3)
    }
    #expect(cross.count == 13 * 4 * 3)
    #expect(cross.allSatisfy { !questions[$0.loser.question].correct[$0.loser.rollout] })

    let capped = PreferencePairs(pairsPerQuestion: 2, seed: 5).candidates(of: questions)
    let counts = Dictionary(grouping: capped, by: \.question).mapValues(\.count)
    #expect(counts.values.allSatisfy { $0 == 2 })
    #expect(counts.count == 27)
  }

  @Test func theSeedDecidesEveryDraw() throws {
    let first = try PreferencePairs(seed: 1).split(questions)
    #expect(try PreferencePairs(seed: 1).split(questions) == first)
    #expect(try PreferencePairs(seed: 2).split(questions) != first)
  }

  @Test func noQuestionIsOnBothSides() throws {
    for seed in 0..<20 as Range<UInt64> {
      let split = try PreferencePairs(allWrong: .offtopicNegative, seed: seed).split(questions)
      #expect(split.validationRows.count == 4)
      func touched(_ pairs: [PreferencePair]) -> Set<Int> {
        Set(pairs.flatMap { [$0.question, $0.winner.question, $0.loser.question] })
      }
      #expect(touched(split.training).isSubset(of: split.trainingRows))
      #expect(touched(split.validation).isSubset(of: split.validationRows))
      #expect(Set(split.trainingRows).isDisjoint(with: split.validationRows))
    }
  }

  @Test func theSplitGoesByIdNotByOrder() throws {
    let pairs = PreferencePairs(seed: 9)
    let held = Set(try pairs.split(questions).validationRows.map { questions[$0].id })
    let reversed = Array(questions.reversed())
    #expect(Set(try pairs.split(reversed).validationRows.map { reversed[$0].id }) == held)
    let twice = questions + questions
    let split = try pairs.split(twice)
    #expect(Set(split.validationRows.map { twice[$0].id }) == held)
    #expect(split.validationRows.count == 8)
  }

  @Test func repeatedTextsAreDropped() {
    let one = QuestionOutcomes(
      id: "a", correct: [true, true, false], completions: ["yes", "yes", "no"])
    let pairs = PreferencePairs().candidates(of: [one])
    #expect(pairs.count == 1)
    // The same text is right for one question and wrong for another.
    let other = QuestionOutcomes(id: "b", correct: [true], completions: ["no"])
    let cross = PreferencePairs().candidates(of: [one, other])
    #expect(cross.allSatisfy { $0.question == 0 })
  }

  @Test func withoutAPairTheErrorCountsTheLabels() {
    let wrong = (0..<3).map { QuestionOutcomes(id: "\($0)", correct: [false, false]) }
    do {
      _ = try PreferencePairs().split(wrong)
      Issue.record("no error")
    } catch {
      #expect(error.all.allWrong == 3)
      #expect(error.all.wrongRollouts == 6)
      #expect(error.description.contains("3 all wrong) with 0 correct and 6 wrong rollouts"))
      #expect(error.description.contains("check the task"))
    }
    #expect(throws: NoPreferencePairError.self) { try PreferencePairs().split([]) }
  }
}
