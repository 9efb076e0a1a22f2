import JSON
import Testing

@testable import Tasks

@Suite struct EntityTests {
  private func entities(_ phrases: String...) -> [Entity] { phrases.compactMap { Entity([$0]) } }

  @Test func theGoldenMatches() throws {
    let cases = try GoldenCases.named("entity-match")
    #expect(!cases.isEmpty)
    for golden in cases {
      let phrases = golden["inputs"]?["entities"]?.array?.compactMap(\.string) ?? []
      let entities = phrases.compactMap { Entity([$0]) }
      let thoughts = golden["inputs"]?["thoughts"]?.array?.compactMap { row in
        row.array?.compactMap(\.string)
      }
      let counts = thoughts?.map { EntityMatcher().count(entities, in: $0) }
      #expect(counts == golden["expected"]?["matched"]?.array?.compactMap(\.int))
      let rates = counts?.map { Double($0) / Double(entities.count) }
      #expect(rates == golden["expected"]?["match_rate"]?.array?.compactMap(\.double))
    }
  }

  @Test func aPhraseMustStandInOneThought() {
    #expect(EntityMatcher().count(entities("Nobel Prize"), in: ["the Nobel", "Prize"]) == 0)
    #expect(EntityMatcher().count(entities("Nobel Prize"), in: ["a Nobel Prize"]) == 1)
    #expect(EntityMatcher().count(entities("a long phrase"), in: ["a", ""]) == 0)
    #expect(EntityMatcher().count(entities("a"), in: []) == 0)
  }

  @Test func wholeWordsSpareLongerNumbers() {
    let matcher = EntityMatcher(wholeWords: true)
    #expect(matcher.count(entities("2", "12"), in: ["7 + 5 = 12."]) == 1)
    #expect(EntityMatcher().count(entities("2", "12"), in: ["7 + 5 = 12."]) == 2)
    #expect(matcher.count(entities("2"), in: ["12", "2"]) == 1)
    #expect(matcher.count(entities("2"), in: ["12, then 2"]) == 1)
    #expect(matcher.count(entities("$2."), in: ["costs $2.5"]) == 1, "the edge is no word part")
    #expect(matcher.count(entities("caf"), in: ["café"]) == 0)
  }

  @Test func aliasesCountOnlyWhereTheyAreAccepted() throws {
    let curie = try #require(Entity(["Marie Curie", "Sklodowska"]))
    #expect(EntityMatcher().count([curie], in: ["Sklodowska"]) == 0)
    #expect(EntityMatcher(acceptsAliases: true).count([curie], in: ["Sklodowska"]) == 1)
  }

  private func problem(_ entities: JSONValue?) -> Problem {
    Problem(
      id: "1", prompt: "?", answer: "1", metadata: entities.map { ["entities": $0] } ?? [:],
      line: 3)
  }

  @Test func theColumnListsPhrasesOrForms() throws {
    let found = try problem(["Paris", ["Marie Curie", "Curie"], "Paris"]).entities(in: "a.jsonl")
    #expect(found.map(\.forms) == [["Paris"], ["Marie Curie", "Curie"]])
    #expect(try problem(nil).entities(in: "a.jsonl").isEmpty)
    #expect(try problem(.null).entities(in: "a.jsonl").isEmpty)
    #expect(try problem([]).entities(in: "a.jsonl").isEmpty)
  }

  private static let refused: [(JSONValue, String)] = [
    ("Paris", "a string in column \"entities\""),
    ([""], "an empty phrase among the entities"),
    ([["a", ""]], "an empty phrase among the entities"),
    ([1], "a number among the entities"),
    ([[]], "a list without or not only of strings"),
    ([["a", 1]], "a list without or not only of strings"),
  ]

  @Test(arguments: refused)
  func otherFormsAreRefused(column: JSONValue, found: String) {
    let error = #expect(throws: DataError.self) {
      try problem(column).entities(in: "a.jsonl")
    }
    #expect(error?.description.hasPrefix("a.jsonl:3: found \(found), expected a list") == true)
  }

  @Test func gsm8kAnnotationsWithoutTheAnswer() throws {
    let solution =
      "She sold 48/2 = <<48/2=24>>24 in May, <<24 + 48 = 72>>72 in all, 5*1=<<5*1=5>>5. "
      + "Broken <<no result>> and << 9=\n#### 72"
    let problem = Problem(id: "1", prompt: "?", answer: "72", solution: solution)
    #expect(GSM8KTask().intermediateResults(of: problem) == ["24", "5"])
    #expect(GSM8KTask().resultEntities(of: problem).map(\.forms) == [["24"], ["5"]])
    let bare = Problem(id: "1", prompt: "?", answer: "72")
    #expect(GSM8KTask().intermediateResults(of: bare).isEmpty)
  }

  @Test func theEmbeddedTaskKnowsItsResults() {
    let text = "Ann has 7 apples. She buys 5. She loses 3. She buys 3. She loses 4. How many?"
    let problem = Problem(id: "1", prompt: text, answer: "8")
    let task = EmbeddedTask()
    #expect(task.intermediateResults(of: problem) == ["12", "9", "12"])
    #expect(task.resultEntities(of: problem).map(\.forms) == [["12"], ["9"]])
    #expect(
      task.intermediateResults(of: Problem(id: "1", prompt: "Hello", answer: "8")).isEmpty)
  }

  @Test func entitiesComeFromJSONLines() throws {
    let text = """
      {"question": "Who?", "answer": "Curie", "entities": ["Paris", ["Nobel Prize", "Nobel"]]}
      {"question": "What?", "answer": "x", "entities": ["a", ""]}

      """
    try withFile(text) { file in
      let problems = try JSONLinesTask().problems(from: file)
      #expect(
        try problems[0].entities(in: "d.jsonl").map(\.forms)
          == [["Paris"], ["Nobel Prize", "Nobel"]])
      let error = #expect(throws: DataError.self) { try problems[1].entities(in: "d.jsonl") }
      #expect(error?.line == 2)
    }
  }
}
