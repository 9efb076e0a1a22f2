import Settings
import Testing

@testable import Training

@Suite struct ContenderTests {
  private func taken(_ yaml: String) throws -> (contenders: [Contender], rest: SettingDocument) {
    try Contender.take(from: SettingDocument(yaml: yaml, name: "compare.yaml"))
  }

  @Test func contendersKeepTheirOrderNamesAndOrigins() throws {
    let (contenders, rest) = try taken(
      """
      training:
        steps: 7
      contenders:
        grpo: {method: {name: grpo}}
        kimi-k1.5:
          method: {name: kimi-k1.5}
          task: {limit: 3}
      """)
    #expect(contenders.map(\.name) == ["grpo", "kimi-k1.5"])
    #expect(contenders[1].settings.map(\.path) == ["method.name", "task.limit"])
    #expect(contenders[1].settings[1].value == .int(3))
    #expect(contenders[1].settings[1].origin == "compare.yaml:7")
    #expect(rest.entries.map(\.path) == ["training.steps"])
  }

  @Test(arguments: ["grpo: 3", "grpo: {method: 3}", "grpo: {kl: {coef: 3}}"])
  func whatIsNoSettingIsRefused(_ entry: String) throws {
    let error = try #require(throws: SettingError.self) {
      try taken("contenders:\n  \(entry)\n")
    }
    #expect(error.description.contains("compare.yaml:2"))
    #expect(error.description.contains("contenders.NAME.section.key"))
  }

  @Test func aComparisonRefusesWhatARunWould() throws {
    let document = try SettingDocument(yaml: "run:\n  output: nowhere\n", name: "x.yaml")
    let wrong = try Contender(name: "a", overrides: ["method.name=grpo", "method.lambda=2"])
    #expect(throws: SettingError.self) {
      try Comparison(document, contenders: [wrong], seeds: [0])
    }
    let right = try Contender(name: "a", overrides: ["method.name=grpo"])
    let error = try #require(throws: SettingError.self) {
      try Comparison(document, contenders: [right, right], seeds: [0])
    }
    #expect(error.description.contains("a stands twice"))
  }
}
