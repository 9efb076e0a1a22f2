import Foundation
import Tasks
import Testing

@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct RenderTests {
  private let template = """
    {{ bos_token }}{% for message in messages %}
    <{{ message.role }}>{{ message.content }}
    {% endfor %}
    {% if tools %}tools: {{ tools | tojson }} {% endif %}
    {% if mode is defined %}mode: {{ mode }} {% endif %}
    {% if add_generation_prompt %}<assistant>{% endif %}

    """
  private let conversation = #"[{"role": "user", "content": "7 + 5?"}]"#

  private func withTemplate(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try Data(template.utf8).write(to: folder.appending(path: "chat.jinja"))
      try body(folder)
    }
  }

  private func render(
    _ options: [String] = [], in folder: URL, _ input: String
  ) throws -> Program.Result {
    try Program.run(["render", "--template", "chat.jinja"] + options, in: folder, input: input)
  }

  @Test func aConversationIsShownAsItIsRead() throws {
    try withTemplate { folder in
      let plain = try render(in: folder, conversation + "\n")
      #expect(plain.status == 0, "\(plain.errors)")
      #expect(plain.output == "<user>7 + 5?\n")
      let object = #"{"messages": \#(conversation), "add_generation_prompt": true, "mode": "x"}"#
      #expect(
        try render(in: folder, object).output == "<user>7 + 5?\nmode: x <assistant>")
      #expect(
        try render(["--no-add-generation-prompt", "--set", "mode=[1]"], in: folder, object).output
          == "<user>7 + 5?\nmode: [1] ")
      #expect(
        try render(["--add-generation-prompt"], in: folder, conversation).output
          == "<user>7 + 5?\n<assistant>")
      let begun =
        #"[{"role": "user", "content": "7 + 5?"}, {"role": "assistant", "content": "It is"}]"#
      let object2 = #"{"messages": \#(begun), "continue_final_message": true}"#
      for continued in [
        try render(["--continue-final-message"], in: folder, begun),
        try render(in: folder, object2),
      ] {
        #expect(continued.output == "<user>7 + 5?\n<assistant>It is", "\(continued.errors)")
      }
      #expect(
        try render(["--add-generation-prompt"], in: folder, object2).output
          == "<user>7 + 5?\n<assistant>It is\n<assistant>")
      expectRefusal(
        try render(
          ["--continue-final-message", "--add-generation-prompt"], in: folder, begun),
        ["exclude each other"])
      // Messages on lines of their own, and several conversations.
      let messages = #"""
        {"role": "user", "content": "a"}
        {"role": "assistant", "content": "b"}

        {"role": "user", "content": "c"}
        """#
      #expect(
        try render(in: folder, messages).output == "<user>a\n<assistant>b\n\n<user>c\n")
      let lines = try render(["--json"], in: folder, messages + "\n" + conversation).output
        .split(separator: "\n").map { try CommandTests.object(String($0))["text"] as? String }
      #expect(lines == ["<user>a\n<assistant>b\n", "<user>c\n", "<user>7 + 5?\n"])
    }
  }

  @Test func toolsKeepTheOrderOfTheirKeys() throws {
    try withTemplate { folder in
      let tools = #"[{"name": "z", "b": 1.0, "a": {"é": null}}]"#
      try Data(tools.utf8).write(to: folder.appending(path: "tools.json"))
      let result = try render(["--tools", "tools.json"], in: folder, conversation)
      #expect(result.output == "<user>7 + 5?\ntools: \(tools) ")
    }
  }

  @Test func aModelFolderBringsItsSpecialTokens() throws {
    try withTemporaryFolder { folder in
      let configuration: [String: Any] = [
        "chat_template": template, "bos_token": ["content": EmbeddedTask.bosToken],
        "eos_token": EmbeddedTask.eosToken,
      ]
      let model = folder.appending(path: "model")
      try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
      try JSONSerialization.data(withJSONObject: configuration)
        .write(to: model.appending(path: "tokenizer_config.json"))
      try Data(EmbeddedTask.tokenizerJSON.utf8).write(to: model.appending(path: "tokenizer.json"))
      for path in ["model", "model/tokenizer_config.json"] {
        let result = try Program.run(
          ["render", "--template", path], in: folder, input: conversation)
        #expect(result.output == "<bos><user>7 + 5?\n", "\(result.errors)")
      }
      let ids = try Program.run(
        ["render", "--template", "model", "--json", "--ids"], in: folder, input: conversation)
      let found = try CommandTests.object(ids.output)["ids"] as? [Int] ?? []
      // The template's beginning of text, and no second one from the tokenizer.
      #expect(found.first == 1 && found.dropFirst().allSatisfy { $0 != 1 }, "\(ids.errors)")
      // The file beside the configuration goes before it.
      try Data("{{ eos_token }}!".utf8).write(to: model.appending(path: "chat_template.jinja"))
      #expect(
        try Program.run(["render", "--template", "model"], in: folder, input: conversation).output
          == "<eos>!")
    }
  }

  @Test func faultsAreNamedWithTheirPlace() throws {
    try withTemplate { folder in
      let faults = [
        ("{\"messages\": 1}", ["line 1", "messages is a number", "an array"]),
        (conversation + "\n{\"a\":\n", ["line 2", "column 6", "not valid JSON"]),
        ("[]", ["line 1", "no message"]), ("5", ["line 1", "a number", "array of messages"]),
        ("[{\"content\": \"x\"}]", ["message 1", "role"]), ("{}", ["line 1", "no messages"]),
      ]
      for (input, named) in faults { expectRefusal(try render(in: folder, input), named) }
      expectRefusal(try render(["--set", "x"], in: folder, conversation), ["NAME=VALUE"])
      expectRefusal(try render(["--date", "today"], in: folder, conversation), ["YYYY-MM-DD"])
      expectRefusal(
        try Program.run(["render", "--template", "none"], in: folder, input: conversation), ["none"]
      )
      expectRefusal(
        try Program.run(["render", "--template", "."], in: folder, input: conversation),
        ["chat_template"])
      try Data("a\n{{ raise_exception('Only ' ~ 'users') }}".utf8)
        .write(to: folder.appending(path: "chat.jinja"))
      expectRefusal(
        try render(in: folder, conversation), ["line 1", "chat.jinja:2:19", "Only users"])
      try Data("{% if %}".utf8).write(to: folder.appending(path: "chat.jinja"))
      expectRefusal(try render(in: folder, conversation), ["chat.jinja:1:7"])
    }
  }
}
