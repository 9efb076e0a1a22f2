import Settings
import Testing

@testable import PolicyOptimization

@Suite struct MethodsTests {
  private func document(_ overrides: String...) throws -> SettingDocument {
    var document = SettingDocument()
    for override in overrides { try document.append(override: override) }
    return document
  }

  private func method(_ name: String, _ overrides: String...) throws -> Method {
    var document = SettingDocument()
    for override in overrides { try document.append(override: override) }
    return try Methods.named(name, settings: document)
  }

  @Test(arguments: Methods.all.map(\.publication.name))
  func everyMethodIsMadeFromNothing(name: String) throws {
    let method = try Methods.named(name, settings: SettingDocument())
    #expect(method.name == name)
    let paths = try Methods.entry(name).settingPaths
    #expect(paths == ["method.name"] + method.settings.map { "method.\($0.name)" })
    #expect(Set(paths).count == paths.count)
  }

  @Test func anUnknownNameNamesTheNearest() {
    #expect(throws: SettingError("unknown method ws-gpo; the nearest is ws-grpo")) {
      try Methods.named("ws-gpo", settings: SettingDocument())
    }
  }

  @Test func anUnknownKeyNamesTheNearest() throws {
    let paths = try Methods.entry("ws-grpo").settingPaths
    #expect(
      throws: SettingError(
        "command line: unknown key method.clip-hi; the nearest key is method.clip-high")
    ) { try document("method.clip-hi=0.3").requireKnown(paths) }
    try document("method.pref-order=progress", "method.stop-patience=4").requireKnown(paths)
  }

  @Test func explicitKeysWinOverThePresetInAnyOrder() throws {
    for overrides in [
      ["method.clip-high=0.3", "method.preset=dapo"],
      ["method.preset=dapo", "method.clip-high=0.3"],
    ] {
      var document = SettingDocument()
      for override in overrides { try document.append(override: override) }
      let method = try Methods.named("grpo", settings: document)
      let loss = try #require(method.loss as? ClippedPolicyLoss)
      #expect(loss.surrogate == ClippedSurrogate(low: 0.2, high: 0.3))
      #expect(loss.aggregation == .tokenMean)
      #expect(method.selection is DynamicSampling)
      #expect(method.shaping is OverlongPenalty)
    }
  }

  @Test func presetsHaveTheirPapersValues() throws {
    let drGRPO = try method("dr-grpo")
    #expect((drGRPO.advantage as? GroupAdvantage)?.scale == AdvantageScale.none)
    #expect((drGRPO.loss as? ClippedPolicyLoss)?.aggregation == .constantLength)
    let gspo = try #require(method("gspo").loss as? ClippedPolicyLoss)
    #expect(gspo.ratioLevel == .sequence)
    #expect(gspo.surrogate == ClippedSurrogate(low: 3e-4, high: 4e-4))
    let grpo = try method("grpo", "method.preset=grpo")
    #expect((grpo.loss as? ClippedPolicyLoss)?.klCoefficient == 0.04)
    #expect(try method("grpo").loss.needsReference == false)
    #expect(try method("ws-grpo").loss.needsReference == false)
    #expect(try method("ws-grpo", "method.preset=paper").loss.needsReference)
  }

  @Test func aNamedPresetTakesNoOther() {
    #expect(
      throws: SettingError(
        "method.preset is gspo, but the method dapo is the preset dapo of grpo")
    ) { try method("dapo", "method.preset=gspo") }
  }

  @Test func departuresFromGRPOAreListed() throws {
    #expect(try method("grpo").departuresFromGRPO.isEmpty)
    let departures = try method("dr-grpo", "method.clip-low=0.1").departuresFromGRPO
    #expect(departures.map(\.key) == ["preset", "advantage-scale", "clip-low", "aggregation"])
    #expect(departures[2].value == .double(0.1))
    #expect(departures[2].grpoValue == .double(0.2))
    let own = try #require(
      method("ws-grpo").departuresFromGRPO.first { $0.key == "pref-order" })
    #expect(own.value == .string("progress"))
    #expect(own.grpoValue == nil)
  }

  @Test func settingsOfGRPOThatAMethodLacksAreListed() throws {
    #expect(try method("ws-grpo").unusedOfGRPO.isEmpty)
    #expect(try method("laser").unusedOfGRPO.isEmpty)
    let unused = try method("drpo").unusedOfGRPO
    #expect(unused.contains("clip-low") && unused.contains("advantage-scale"))
    #expect(unused.count == GRPOSettings.keys.count - 1)
  }

  @Test func thePresetOfWSGRPOIsNamedAsItRuns() throws {
    func preset(_ overrides: String...) throws -> SettingValue? {
      var document = SettingDocument()
      for override in overrides { try document.append(override: override) }
      return try Methods.named("ws-grpo", settings: document).settings.first?.value
    }
    #expect(try preset() == .string("laconic"))
    #expect(try preset("method.preset=paper") == .string("paper"))
    #expect(try preset("method.preset=intended") == .string("intended"))
    #expect(try preset("method.preset=intended", "method.pref-weight=1") == .string("intended"))
    #expect(try preset("method.pref-order=literal") == .string("custom"))
    #expect(try preset("method.gate-on-correct=false") == .string("custom"))
    #expect(
      try preset("method.preset=paper", "method.pref-order=progress") == .string("custom"))
    #expect(try preset("method.pref-control=constant") == .string("custom"))
    let intended = try WSGRPOSettings(document("method.preset=intended"))
    #expect(intended.order == .progress)
    #expect(intended.aggregate == .eq94)
    #expect(!intended.gateOnCorrect)
  }

  @Test(arguments: [
    (["method.steps-min=9"], "method.steps-min is 9, expected at most steps-max, 6"),
    (
      ["method.online-stop=true", "method.preset=paper"],
      "method.online-stop needs method.pref-order progress or symmetric, found literal: a low value "
        + "must mean that the step did not help"
    ),
    (
      ["method.pref-control=length-only", "method.step-advantage=preference"],
      "method.pref-control length-only asks no preference model, which step-advantage preference needs"
    ),
    (
      ["method.pref-control=constant", "method.online-stop=true", "method.pref-order=progress"],
      "method.pref-control constant asks no preference model, which online-stop needs"
    ),
    (
      ["method.pref-order=backwards"],
      "command line: method.pref-order is backwards, expected one of literal, progress, symmetric"
    ),
  ])
  func contradictionsAreRefused(overrides: [String], message: String) throws {
    var document = SettingDocument()
    for override in overrides { try document.append(override: override) }
    #expect(throws: SettingError(message)) { try Methods.named("ws-grpo", settings: document) }
  }

  @Test func onlineStoppingIsPassedOn() throws {
    #expect(try method("ws-grpo").onlineStopping == nil)
    let stopping = try method(
      "ws-grpo", "method.online-stop=true", "method.preset=intended", "method.stop-patience=5"
    ).onlineStopping
    #expect(stopping?.patience == 5)
  }

  @Test func theOverlongRampIsCheckedAgainstTheRun() throws {
    let method = try method("dapo", "method.overlong-buffer=300")
    try method.validate(maxCompletion: 300)
    #expect(throws: SettingError.self) { try method.validate(maxCompletion: 299) }
    try Methods.named("dapo", settings: SettingDocument()).validate(maxCompletion: 16)
  }
}
