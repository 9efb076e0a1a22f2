import Foundation
import JSON
import Testing
import Torch

@testable import Models

@Suite("Model configuration")
struct ModelConfigurationTests {
  /// A configuration's text with keys replaced; a nil value takes the key out.
  private func configuration(
    _ fixture: Fixture = .llama2, _ changes: [String: JSONValue?] = [:]
  ) throws -> ModelConfiguration {
    var document = try JSONValue(file: fixture.folder.appending(path: "config.json"))
    for (key, value) in changes { document[key] = value }
    return try ModelConfiguration(json: Data(document.prettyPrinted.utf8), name: "test.json")
  }

  @Test func llama3() throws {
    let found = try ModelConfiguration(folder: Fixture.llama3.folder)
    #expect(found.family == .llama)
    #expect(found.hiddenSize == 16 && found.intermediateSize == 24)
    #expect(found.layerCount == 2 && found.vocabularySize == 64)
    #expect(found.headCount == 4 && found.keyValueHeadCount == 2 && found.headWidth == 4)
    #expect(found.ropeTheta == 500_000)
    #expect(
      found.ropeScaling
        == .llama3(
          factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalMaximumPositions: 32))
    #expect(found.rmsNormEpsilon == 1e-5)
    #expect(!found.tiesEmbeddings)
    #expect(found.attentionBias && found.attentionOutputBias && found.mlpBias)
    #expect(!found.usesQueryKeyNorm)
    #expect(found.eosTokenIDs == [2, 3])
    #expect(found.bosTokenID == 1)
    #expect(found.padTokenID == nil)
    #expect(found.maximumPositions == 256)
    #expect(found.storedDType == .float32)
  }

  @Test func qwen2() throws {
    let found = try ModelConfiguration(folder: Fixture.qwen2.folder)
    #expect(found.family == .qwen2)
    #expect(found.attentionBias && !found.attentionOutputBias && !found.mlpBias)
    #expect(found.tiesEmbeddings)
    #expect(found.storedDType == .bfloat16)
  }

  @Test func qwen3() throws {
    let found = try ModelConfiguration(folder: Fixture.qwen3.folder)
    #expect(found.family == .qwen3)
    #expect(found.usesQueryKeyNorm)
    #expect(found.headWidth == 8)
    #expect(found.ropeTheta == 1_000_000)
    #expect(found.padTokenID == 0)
    #expect(found.storedDType == .float16)
  }

  @Test(arguments: Fixture.allCases)
  func parameterCount(_ fixture: Fixture) throws {
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    #expect(model.parameterCount == model.parameters.map(\.tensor.count).reduce(0, +))
  }

  /// Qwen2.5-0.5B has 494,032,768 parameters by its model card's exact count.
  @Test func parameterCountOfARealShape() throws {
    let found = try ModelConfiguration(
      family: .qwen2, vocabularySize: 151_936, hiddenSize: 896, intermediateSize: 4864,
      layerCount: 24, headCount: 14, keyValueHeadCount: 2, tiesEmbeddings: true)
    #expect(found.parameterCount == 494_032_768)
  }

  @Test func endsOfTextComeFromTheGenerationConfiguration() throws {
    #expect(try ModelConfiguration(folder: Fixture.llama2.folder).eosTokenIDs == [2, 5])
    #expect(try ModelConfiguration(folder: Fixture.llama2.folder).padTokenID == 0)
    #expect(try configuration().eosTokenIDs == [2])
    #expect(try configuration(.llama2, ["eos_token_id": .some(.null)]).eosTokenIDs == [])
    // transformers' LlamaConfig has 2 for a key that is not there.
    #expect(try configuration(.llama2, ["eos_token_id": nil]).eosTokenIDs == [2])
    #expect(try configuration(.qwen2, ["eos_token_id": nil]).eosTokenIDs == [])
  }

  struct RopeCase: Decodable {
    let config: Config
    let frequencies: [Double]

    struct Config: Decodable {}
  }

  /// Frequencies as transformers computes them for default, linear and llama3, in both spellings.
  @Test func ropeFrequencies() throws {
    let url = Fixture.root.appending(path: "rope.json")
    guard case .array(let documents) = try JSONValue(file: url) else {
      Issue.record("rope.json is no list")
      return
    }
    let cases = try JSONDecoder().decode([RopeCase].self, from: Data(contentsOf: url))
    #expect(cases.count == documents.count && cases.count > 3)
    for (document, expected) in zip(documents, cases) {
      let json = try #require(document["config"])
      let configuration = try ModelConfiguration(
        json: Data(json.prettyPrinted.utf8), name: "rope.json")
      let found = RotaryEmbedding.inverseFrequencies(configuration)
      #expect(found.count == expected.frequencies.count)
      for (value, golden) in zip(found, expected.frequencies) {
        #expect(abs(Double(value) - golden) <= 3e-7 * golden)  // two roundings in single precision
      }
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let fixture: Fixture
    let changes: [String: JSONValue?]
    let kind: ModelError.Kind
    let words: [String]

    var testDescription: String { "\(fixture): \(changes.keys.sorted().joined(separator: ", "))" }
  }

  static let refusals: [Refusal] = {
    var all: [Refusal] = []
    func refuse(
      _ fixture: Fixture, _ changes: [String: JSONValue?], _ kind: ModelError.Kind,
      _ words: String...
    ) {
      all.append(Refusal(fixture: fixture, changes: changes, kind: kind, words: words))
    }
    refuse(.llama2, ["model_type": "gpt2"], .unsupported, "model_type", "gpt2", "qwen3")
    refuse(.llama2, ["model_type": nil], .missingKey, "model_type", "llama")
    refuse(.llama2, ["model_type": 7], .malformed, "model_type", "7")
    refuse(.llama2, ["hidden_act": "gelu"], .unsupported, "hidden_act", "gelu", "silu")
    refuse(.llama2, ["attention_dropout": 0.1], .unsupported, "attention_dropout", "0.1")
    refuse(.llama2, ["hidden_size": nil], .missingKey, "hidden_size", "positive integer")
    refuse(.llama2, ["hidden_size": "16"], .malformed, "hidden_size", "\"16\"")
    refuse(.llama2, ["hidden_size": 0], .malformed, "hidden_size", "is 0")
    refuse(.llama2, ["hidden_size": 16.5], .malformed, "hidden_size", "16.5")
    refuse(.llama2, ["hidden_size": 18], .inconsistent, "hidden_size 18", "4")
    refuse(.llama2, ["num_key_value_heads": 3], .inconsistent, "num_key_value_heads 3")
    refuse(.llama2, ["head_dim": 5], .inconsistent, "head_dim", "5")
    refuse(.llama2, ["rms_norm_eps": -1.0], .malformed, "rms_norm_eps", "-1.0")
    refuse(.llama2, ["torch_dtype": "float8_e4m3fn"], .unsupported, "torch_dtype", "bfloat16")
    refuse(
      .llama2, ["quantization_config": [:]], .unsupported, "quantization_config")
    refuse(.llama2, ["partial_rotary_factor": 0.5], .unsupported, "partial_rotary_factor")
    refuse(.llama2, ["tie_word_embeddings": "yes"], .malformed, "tie_word_embeddings", "yes")
    refuse(.llama2, ["eos_token_id": "</s>"], .malformed, "eos_token_id", "</s>")
    refuse(
      .llama2,
      ["rope_scaling": ["type": "dynamic"]],
      .unsupported, "rope_scaling.type", "dynamic", "llama3")
    refuse(
      .llama2,
      ["rope_scaling": ["rope_type": "linear"]],
      .missingKey, "rope_scaling.factor")
    refuse(
      .qwen3,
      ["rope_parameters": ["full_attention": ["rope_theta": 1e4]]],
      .unsupported, "rope_parameters", "full_attention")
    refuse(
      .qwen3, ["layer_types": .array(["full_attention", "sliding_attention"])],
      .unsupported, "layer_types", "sliding_attention")
    refuse(
      .qwen2,
      ["use_sliding_window": true, "sliding_window": 64, "max_window_layers": 1],
      .unsupported, "sliding_window", "64")
    return all
  }()

  @Test(arguments: refusals)
  func refuses(_ refusal: Refusal) {
    let error = #expect(throws: ModelError.self) {
      try configuration(refusal.fixture, refusal.changes)
    }
    #expect(error?.kind == refusal.kind)
    #expect(error?.path == "test.json")
    for word in refusal.words {
      #expect(error?.problem.contains(word) == true, "\(word) in: \(error?.problem ?? "")")
    }
  }

  /// A window that no layer uses, or that is as long as the context, changes nothing.
  @Test func unusedSlidingWindow() throws {
    let unused: [String: JSONValue?] = ["use_sliding_window": true, "sliding_window": 64]
    #expect(try configuration(.qwen2, unused).layerCount == 2)
    let wide: [String: JSONValue?] = ["use_sliding_window": true, "max_window_layers": 0]
    #expect(try configuration(.qwen2, wide).layerCount == 2)
  }

  @Test func madeInCode() throws {
    let made = try ModelConfiguration(
      family: .qwen3, vocabularySize: 50, hiddenSize: 24, intermediateSize: 40, layerCount: 3,
      headCount: 4, keyValueHeadCount: 2, tiesEmbeddings: true, maximumPositions: 77,
      ropeTheta: 5000, bosTokenID: 3, eosTokenIDs: [4, 5], padTokenID: 6)
    #expect(made.headWidth == 6)
    #expect(made.maximumPositions == 77)
    #expect(made.ropeTheta == 5000)
    #expect(made.eosTokenIDs == [4, 5])
    #expect(made.bosTokenID == 3 && made.padTokenID == 6)
    #expect(made.tiesEmbeddings)
    let read = try ModelConfiguration(json: made.json(dtype: .float32), name: "made")
    #expect(read.parameterCount == made.parameterCount)
    #expect(read.storedDType == .float32)
    let error = #expect(throws: ModelError.self) {
      try ModelConfiguration(
        family: .llama, vocabularySize: 50, hiddenSize: 24, intermediateSize: 40, layerCount: 3,
        headCount: 5, tiesEmbeddings: true)
    }
    #expect(error?.kind == .inconsistent)
    let endless = #expect(throws: ModelError.self) {
      try ModelConfiguration(
        family: .llama, vocabularySize: 50, hiddenSize: 24, intermediateSize: 40, layerCount: 3,
        headCount: 4, tiesEmbeddings: true, ropeTheta: .infinity)
    }
    #expect(endless?.problem.contains("inf") == true)
  }
}
