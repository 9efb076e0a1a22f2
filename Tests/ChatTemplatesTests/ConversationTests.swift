import Foundation
import Testing

@testable import ChatTemplates

@Suite struct ConversationTests {
  private func value(_ json: String) throws -> TemplateValue {
    try TemplateValue(parsing: Array(json.utf8), name: "test")
  }

  private func conversation(_ json: String) throws -> Conversation {
    try Conversation(try value(json))
  }

  @Test func formsOfAConversation() throws {
    let messages = #"[{"role": "user", "content": "a"}]"#
    let array = try conversation(messages)
    #expect(try conversation("{\"messages\": \(messages)}") == array)
    #expect(try conversation("{\"prompt\": \(messages), \"tools\": null}") == array)
    let full = try conversation(
      """
      {"x": 1, "messages": \(messages), "tools": [{}], "documents": [], "add_generation_prompt": true,
       "chat_template_kwargs": {"enable_thinking": false}}
      """)
    #expect(full.messages == array.messages && full.addsGenerationPrompt)
    #expect(full.tools == [.object([])] && full.documents == [])
    #expect(
      full.variables == [.init("x", .int(1)), .init("enable_thinking", .bool(false))])
  }

  @Test func whatTemplatesSee() throws {
    let given = try conversation(
      """
      {"messages": [{"role": "assistant", "content": null, "reasoning": "r", "content": "c"}],
       "bos_token": "mine"}
      """)
    let template = try ChatTemplate(
      "{{ bos_token }}{{ eos_token }}{{ messages[0] }}{{ tools is none }}{{ tools is defined }}"
        + "{{ documents }}{{ add_generation_prompt }}")
    let variables = given.templateVariables(specialTokens: Golden.tokens)
    #expect(
      try template.render(variables)
        == "mine</s>{'thinking': 'r', 'role': 'assistant', 'reasoning': 'r', 'content': 'c', "
        + "'reasoning_content': 'r'}TrueTrueNoneFalse")
  }

  @Test(arguments: [
    ("5", "an array of messages"), ("[]", "no message"), ("[1]", "message 1 is a number"),
    (#"[{"role": 1}]"#, "a number as role"), (#"[{"content": "a"}]"#, "no role"),
    ("{}", "no messages"), (#"{"messages": {}}"#, "messages is an object"),
    (#"{"messages": [], "prompt": []}"#, "both messages and prompt"),
    (#"{"messages": [{"role": "a"}], "tools": 1}"#, "tools is a number"),
    (#"{"messages": [{"role": "a"}], "add_generation_prompt": 1}"#, "true or false"),
    (#"{"messages": [{"role": "a"}], "continue_final_message": 1}"#, "the name of a member"),
    (
      #"{"messages": [{"role": "a"}], "continue_final_message": true, "add_generation_prompt": true}"#,
      "both add_generation_prompt and continue_final_message"
    ),
    (#"{"messages": [{"role": "a"}], "chat_template_kwargs": []}"#, "an object of variables"),
  ])
  func whatIsNoConversation(json: String, named: String) throws {
    let error = try #require(throws: ConversationError.self) { try conversation(json) }
    #expect(error.description.contains(named), "\(error)")
  }
}

@Suite struct ModelChatTemplateTests {
  private func withFolder(
    _ files: [String: String], _ body: (URL) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "laconic-chat-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    try body(folder)
  }

  private let question = Conversation(question: "q")

  @Test func theFileGoesBeforeTheConfiguration() throws {
    let files = [
      "tokenizer_config.json": """
      {"chat_template": "c{{ bos_token }}", "bos_token": "<b>",
       "model_max_length": 1000000000000000019884624838656}
      """,
      "special_tokens_map.json": #"{"bos_token": "no", "eos_token": {"content": "<e>"}}"#,
    ]
    try withFolder(files) { folder in
      #expect(try ModelChatTemplate(folder: folder)?.render(question) == "c<b>")
      #expect(try ModelChatTemplate(at: folder).render(question) == "c<b>")
      try Data("f{{ bos_token }}{{ eos_token }}{{ pad_token }}".utf8)
        .write(to: folder.appending(path: "chat_template.jinja"))
      #expect(try ModelChatTemplate(folder: folder)?.render(question) == "f<b><e>")
    }
  }

  @Test func toolsMayHaveATemplateOfTheirOwn() throws {
    let configuration = """
      {"chat_template": [{"name": "default", "template": "d"}, {"name": "rag", "template": "{%"},
       {"name": "tool_use", "template": "t"}]}
      """
    try withFolder(["tokenizer_config.json": configuration]) { folder in
      let template = try #require(try ModelChatTemplate(folder: folder))
      var conversation = question
      #expect(try template.render(conversation) == "d")
      conversation.tools = []
      #expect(try template.render(conversation) == "t")
    }
  }

  @Test func foldersWithoutATemplate() throws {
    for files in [[:], ["tokenizer_config.json": "{}"]] {
      try withFolder(files) { folder in
        #expect(try ModelChatTemplate(folder: folder) == nil)
        let error = try #require(throws: (any Error).self) { try ModelChatTemplate(at: folder) }
        #expect("\(error)".contains("chat_template"))
      }
    }
  }

  @Test(arguments: [
    ("{\"chat_template\": 1}", "chat_template is a number"),
    ("{\"chat_template\": [{}]}", "chat_template[0]"),
    ("{\"chat_template\": []}", "a template called default"),
    ("{\"chat_template\": \"{% if %}\"}", "tokenizer_config.json: chat_template:1:7"),
    ("{", "tokenizer_config.json:1:2"), ("[]", "an array, expected an object"),
  ])
  func faultyConfigurations(json: String, named: String) throws {
    try withFolder(["tokenizer_config.json": json]) { folder in
      let error = try #require(throws: (any Error).self) { try ModelChatTemplate(folder: folder) }
      #expect("\(error)".contains(named), "\(error)")
    }
  }
}
