import Foundation
import Models
import Rollouts
import Tasks
import Tokenizers
import Torch

/// A random model of 2 layers whose next token is neither certain nor uniform.
func tinyModel(vocabulary: Int = 24, seed: UInt64 = 3) throws -> CausalLanguageModel {
  try CausalLanguageModel(
    configuration: ModelConfiguration(
      family: .qwen3, vocabularySize: vocabulary, hiddenSize: 16, intermediateSize: 32,
      layerCount: 2, headCount: 4, keyValueHeadCount: 2, tiesEmbeddings: true,
      maximumPositions: 512, initializerRange: 0.4),
    seed: seed)
}

/// The embedded task's tokenizer.
func embeddedTokenizer() throws -> Tokenizer {
  try Tokenizer(json: Data(EmbeddedTask.tokenizerJSON.utf8), name: "tokenizer.json")
}

/// Prompts of different lengths below the vocabulary of `tinyModel`.
let unequalPrompts = [
  Prompt(ids: [1, 5, 9], key: 11), Prompt(ids: [1, 7, 3, 3, 20, 8, 2], key: 12),
  Prompt(ids: [4], key: 13), Prompt(ids: [1, 5, 9], key: 14), Prompt(ids: [6, 6], key: 15),
]

func settings(_ change: (inout SamplingSettings) -> Void = { _ in }) -> SamplingSettings {
  var settings = SamplingSettings()
  settings.maximumCompletion = 24
  change(&settings)
  return settings
}

/// End tokens that about one token in eight is, so that rows end at different places.
let endTokens: Set<Int> = [2, 13, 21]

/// The largest difference of two rows of log-probabilities; infinite when they differ in length.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).map { abs($0 - $1) }.max() ?? 0
}
