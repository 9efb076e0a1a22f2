import Settings
import Testing

@testable import PrefixPreference

@Suite("Preference settings")
struct PreferenceSettingsTests {
  @Test("the paper's preset has its figures where they are stated")
  func paper() {
    let settings = PreferenceSettings(preset: .paper)
    #expect(settings.mlpWidth == 512)
    #expect(settings.classifierBatch == 32)
    #expect(settings.validationShare == 0.1)
    #expect(settings.allWrong == .skip)
    #expect(settings.classifierLearningRate == 5e-5)
    #expect(settings.prefixHead == .pairwise)
    #expect(settings.prefixPairs == 0)
    #expect(!settings.encoderLikelihoods)
  }

  @Test("a preset is called custom where its head, likelihoods or pairs are others")
  func departures() {
    func named(_ preset: PreferencePreset, _ change: (inout PreferenceSettings) -> Void)
      -> PreferencePreset
    {
      var settings = PreferenceSettings(preset: preset)
      change(&settings)
      settings.nameDepartures()
      return settings.preset
    }
    #expect(PreferenceSettings() == PreferenceSettings(preset: .laconic))
    #expect(named(.laconic) { $0.classifierEpochs = 1 } == .laconic)
    #expect(named(.laconic) { $0.prefixPairs = 0 } == .custom)
    #expect(named(.paper) { $0.seed = 3 } == .paper)
    #expect(named(.paper) { $0.prefixHead = .antisymmetric } == .custom)
    #expect(named(.paper) { $0.encoderLikelihoods = true } == .custom)
  }

  @Test("every key is read and gives its value back")
  func keys() throws {
    var document = SettingDocument()
    let written = [
      "preset=custom", "prefix-head=bradley-terry", "mlp-width=64", "mlp-dropout=0.0",
      "standardize-features=false", "encoder-layer=final", "encoder-likelihoods=true",
      "encoder-batch-tokens=100",
      "classifier-batch=8", "classifier-learning-rate=0.5", "classifier-weight-decay=0.25",
      "classifier-epochs=7", "early-stop-patience=null", "validation-share=0.5",
      "all-wrong=correct-positive", "offtopic-per-trajectory=2", "pairs-per-question=null",
      "prefix-pairs=3", "preference-seed=9",
    ]
    for text in written { try document.append(override: "preference.\(text)") }
    try document.requireKnown(PreferenceSettings.paths(section: "preference"))
    var settings = PreferenceSettings()
    try settings.take(document, section: "preference")
    #expect(settings.settings.map { "\($0.name)=\($0.value)" } == written)
    #expect(PreferenceSettings().settings.map(\.value) != settings.settings.map(\.value))
  }

  @Test(
    "values outside their range are refused by key and place",
    arguments: [
      "mlp-dropout=1.0", "validation-share=1.0", "mlp-width=0", "prefix-head=best",
      "classifier-learning-rate=-1",
    ])
  func refusals(text: String) throws {
    var document = SettingDocument()
    try document.append(override: "preference.\(text)")
    var settings = PreferenceSettings()
    let error = #expect(throws: SettingError.self) {
      try settings.take(document, section: "preference")
    }
    #expect(try #require(error).description.hasPrefix("command line: preference."))
  }
}
