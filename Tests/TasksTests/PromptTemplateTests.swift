import Testing

@testable import Tasks

@Suite struct PromptTemplateTests {
  @Test func putsTheQuestionInItsPlace() throws {
    let template = try PromptTemplate(parsing: "Q: {question}\nUse \\boxed{} or {1}. A:")
    #expect(template.filled(with: "2+2 {x}?") == "Q: 2+2 {x}?\nUse \\boxed{} or {1}. A:")
    #expect(try PromptTemplate(parsing: "{question}{question}").filled(with: "a") == "aa")
    #expect(
      try PromptTemplate(parsing: "{{question}} {question}").filled(with: "a") == "{question} a")
    #expect(PromptTemplate.question.filled(with: "a") == "a")
  }

  @Test func refusesUnknownPlacesAndTemplatesWithoutAQuestion() {
    for (text, message) in [
      ("{question} {answer}", "unknown place {answer}"), ("no place", "no {question}"),
      ("{{question}}", "no {question}"), ("", "no {question}"),
    ] {
      do {
        _ = try PromptTemplate(parsing: text)
        Issue.record("\(text) was read")
      } catch {
        #expect(error.description.contains(message))
      }
    }
  }

  @Test func tasksTakeAnotherTemplate() throws {
    let task = try TaskRegistry.task(named: "gsm8k", template: "Solve: {question}")
    #expect(task.prompt(for: Problem(id: "p", prompt: "1+1?", answer: "2")) == "Solve: 1+1?")
    #expect(throws: PromptTemplateError.self) {
      try TaskRegistry.task(named: "gsm8k", template: "Solve")
    }
  }

  @Test func anUnknownTaskNamesTheNearest() {
    #expect {
      try TaskRegistry.task(named: "gsmk8")
    } throws: { error in
      (error as? UnknownTaskError)?.description.hasSuffix("the nearest is gsm8k") == true
    }
    #expect(Set(TaskRegistry.all.map(\.name)).count == TaskRegistry.all.count)
    #expect(TaskRegistry.all.allSatisfy { !$0.summary.isEmpty && !$0.citation.isEmpty })
  }
}
