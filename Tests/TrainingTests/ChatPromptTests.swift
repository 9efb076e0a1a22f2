import ChatTemplates
import Foundation
import Settings
import Tasks
import Testing

@testable import Training

/// Chat models are prompted through their template, with one beginning of text.
@Suite struct ChatPromptTests {
  /// Says what it was given in the few characters that the digit model has tokens for.
  private static let template = """
    {{ bos_token }}{% for message in messages %}{{ {'system': '0', 'user': '1'}[message.role] }}\
    {{ message.content }}{% endfor %}{% if add_generation_prompt %}{{ mark | default(':') }}{% endif %}
    """

  private func withRun(
    template: String? = template, _ lines: [String] = [],
    _ body: (URL, RunConfiguration) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let model = folder.appending(path: "base")
      try Digits.writeModel(to: model)
      try Digits.writeData(to: folder.appending(path: "digits.jsonl"))
      if let template {
        try Data(template.utf8).write(to: model.appending(path: "chat_template.jinja"))
      }
      try body(folder, try Digits.run(in: folder, lines))
    }
  }

  private func prompt(
    of problem: Problem = Digits.problems[0], template: String? = template, _ lines: [String] = []
  ) throws -> ModelPrompt {
    var prompt: ModelPrompt?
    try withRun(template: template, lines) { _, configuration in
      let workspace = try Workspace(configuration)
      prompt = try workspace.model().promptWriter(workspace.task).prompt(for: problem)
    }
    return try #require(prompt)
  }

  private let conversation = Problem(
    id: "c", prompt: "2,3", answer: "5",
    metadata: ["mark": "9", "chat_template_kwargs": ["mark": "7"]],
    earlierMessages: [Message(role: "user", content: "4")])

  @Test func theFoldersTemplateWritesThePrompt() throws {
    let chat = try prompt()
    #expect(chat.text == "<bos>18,3:9,2:")
    #expect(chat.ids.first == 1 && chat.ids.count { $0 == 1 } == 1)
    let plain = try prompt(template: nil)
    #expect(plain.text == "8,3:9,2")
    #expect(plain.ids.first == 1 && plain.ids.count { $0 == 1 } == 1)
    #expect(try prompt(["task.chat-template=none"]) == plain)
    // Plain text that brings its own beginning gets no other.
    let own = Problem(id: "own", prompt: "<bos>8,3:9,2", answer: "")
    #expect(try prompt(of: own, template: nil).ids == plain.ids)
  }

  @Test func settingsReachTheTemplate() throws {
    #expect(
      try prompt(["task.system-prompt=5", "task.chat-variables={\"mark\": \"6\"}"]).text
        == "<bos>0518,3:9,26")
    #expect(try prompt(["task.prompt-template=3{question}"]).text == "<bos>138,3:9,2:")
  }

  @Test func aTemplateOfItsOwnTakesTheModelsTokens() throws {
    try withRun(template: nil) { folder, _ in
      let file = folder.appending(path: "other.jinja")
      try Data("{{ bos_token }}4{{ messages[0].content }}".utf8).write(to: file)
      let workspace = try Workspace(
        Digits.run(in: folder, ["task.chat-template=\(file.path)"]))
      let prompt = try workspace.model().promptWriter(workspace.task)
        .prompt(for: Digits.problems[0])
      #expect(prompt.text == "<bos>48,3:9,2")
      #expect(prompt.ids.count { $0 == 1 } == 1)
    }
  }

  @Test func aBegunAnswerIsGoneOnWith() throws {
    let begun = Problem(id: "b", prompt: "2,3", answer: "5", begunAnswer: "7,")
    let template = """
      {{ bos_token }}{% for message in messages %}{{ {'user': '1', 'assistant': '4'}[message.role] }}\
      {{ message.content }}:{% endfor %}{% if add_generation_prompt %}4{% endif %}
      """
    #expect(try prompt(of: begun, template: template).text == "<bos>12,3:47,")
    let plain = try Digits.model().promptWriter(JSONLinesTask())
    #expect(try plain.text(of: begun) == "2,3\n\n7,")
    #expect(try plain.text(of: begun, instruction: "8") == "2,3 8\n\n7,")
    // A template that leaves the answer out cannot go on with it.
    let text = message {
      _ = try prompt(of: begun, template: "{{ messages[0].content }}{# content #}")
    }
    #expect(text.contains("problem b") && text.contains("does not appear"), "\(text)")
  }

  @Test func conversationsAreAskedAsTheyAre() throws {
    // The row's own variables count, its other columns do not.
    #expect(try prompt(of: conversation).text == "<bos>1412,37")
    let plain = try Digits.model().promptWriter(JSONLinesTask()).text(of: conversation)
    #expect(plain == "4\n\n2,3")
    let faulty = Problem(
      id: "f", prompt: "2", answer: "5", metadata: ["chat_template_kwargs": [1]])
    let refusal = message { _ = try prompt(of: faulty) }
    #expect(refusal.contains("problem f") && refusal.contains("chat_template_kwargs"))
  }

  @Test func instructionsFollowTheQuestion() throws {
    try withRun { _, configuration in
      let workspace = try Workspace(configuration)
      let writer = try workspace.model().promptWriter(workspace.task)
      #expect(
        try writer.text(of: Digits.problems[0], instruction: "77") == "<bos>18,3:9,2 77:")
      #expect(try writer.text(of: conversation, instruction: "77") == "<bos>1412,3 777")
    }
  }

  @Test func rolloutsAreTrainedOnThePromptThatTheyWereSampledWith() throws {
    try withRun(["training.steps=1"]) { folder, configuration in
      let workspace = try Workspace(configuration)
      let run = try TrainingRun(workspace, resuming: false)
      _ = try run.run()
      let file = folder.appending(path: "run/completions.jsonl")
      let records = try JSONLinesReader.records(of: file)
      #expect(!records.isEmpty)
      for record in records {
        let prompt = try #require(record.columns["prompt"]?.string)
        #expect(prompt.hasPrefix("<bos>1") && prompt.hasSuffix(":"))
      }

      let sampling = try LabelledSampling(workspace)
      var rollouts: [LabelledRollout] = []
      try sampling.sample(2) { rollouts += $0 }
      // As phase I reads them: from the sampled prompt, or from the question alone.
      var questions = rollouts
      for index in questions.indices { questions[index].prompt = questions[index].question }
      let model = try workspace.model()
      for labelled in [rollouts, questions] {
        let solutions = try PreferenceRun.solutions(
          labelled, model: model, task: workspace.task, segmenter: workspace.segmenter)
        for (solution, rollout) in zip(solutions, labelled) {
          let ids = solution.steps.promptIDs
          #expect(ids.first == 1 && ids.count { $0 == 1 } == 1)
          #expect(model.tokenizer.decode(ids) == "1\(rollout.question):")
        }
      }
    }
  }

  @Test func theLookAtTheDataShowsThePrompt() throws {
    try withRun { _, configuration in
      let look = try Preflight(Workspace(configuration)).text
      #expect(look.contains("<bos>18,3:9,2:"))
    }
  }

  @Test func faultsAreNamed() throws {
    func fault(template: String? = Self.template, _ lines: [String]) -> String {
      message { _ = try prompt(template: template, lines) }
    }
    #expect(
      fault(template: nil, ["task.system-prompt=5"]).contains("task.system-prompt is set"))
    #expect(fault(["task.chat-variables=\"x\""]).contains("a string, expected a JSON object"))
    #expect(fault(["task.chat-variables={"]).contains("task.chat-variables:1:2"))
    #expect(fault(["task.chat-template=nowhere"]).contains("nowhere"))
    #expect(fault(template: "{% if %}", []).contains("chat_template.jinja:1:7"))
    let raised = fault(template: "{{ raise_exception('no system') }}", [])
    #expect(raised.contains("problem 0") && raised.contains("no system"))
    #expect(fault(template: "{{ '' }}", []).contains("has no tokens"))
  }
}
