import Foundation
import Models
import Tasks
import Torch

@testable import PrefixPreference

/// A Llama of a few thousand random weights.
func tinyModel(
  seed: UInt64 = 1, vocabulary: Int = 32, endTokens: [Int] = []
) throws -> CausalLanguageModel {
  try CausalLanguageModel(
    configuration: ModelConfiguration(
      family: .llama, vocabularySize: vocabulary, hiddenSize: 16, intermediateSize: 32,
      layerCount: 2, headCount: 4, keyValueHeadCount: 2, tiesEmbeddings: true,
      initializerRange: 0.3, eosTokenIDs: endTokens),
    seed: seed)
}

/// Rollouts of random tokens with prompts and steps of different lengths.
func randomRollouts(_ count: Int, seed: UInt64 = 7, vocabulary: Int = 32) -> [RolloutSteps] {
  var random = SplitMix64(seed: seed)
  func ids(_ count: Int) -> [Int] { (0..<count).map { _ in random.integer(below: vocabulary) } }
  return (0..<count).map { _ in
    let prompt = ids(1 + random.integer(below: 9))
    let ends = (0..<(1 + random.integer(below: 6))).map { _ in 1 + random.integer(below: 5) }
      .reduce(into: [Int]()) { $0.append(($0.last ?? -1) + $1) }
    return RolloutSteps(
      promptIDs: prompt, completionIDs: ids((ends.last ?? 0) + 1), lastTokenOfStep: ends)
  }
}

/// A problem that can be learnt: right solutions end with token 30, wrong ones with token 31. Each
/// question has four solutions of one to four steps of three tokens; questions are all right, all wrong
/// and, mostly, mixed.
func learnableSolutions(questions: Int, seed: UInt64 = 3) -> [LabelledSolution] {
  var random = SplitMix64(seed: seed)
  return (0..<questions).flatMap { question -> [LabelledSolution] in
    let prompt = [1, 2 + question % 20, 2 + question / 20]
    return (0..<4).map { sample in
      let correct =
        switch question % 8 {
        case 0: true
        case 1: false
        default: sample < 2
        }
      let steps = 1 + random.integer(below: 4)
      var ids = (0..<3 * steps).map { _ in 2 + random.integer(below: 20) }
      ids[ids.count - 1] = correct ? 30 : 31
      return LabelledSolution(
        question: "q\(question)", correct: correct,
        steps: RolloutSteps(
          promptIDs: prompt, completionIDs: ids, lastTokenOfStep: (1...steps).map { 3 * $0 - 1 }))
    }
  }
}

/// Settings with which the learnable problem is learnt in a second.
func quickSettings(_ head: PreferenceHead.Kind = .antisymmetric) -> PreferenceSettings {
  var settings = PreferenceSettings(preset: .paper)
  settings.prefixHead = head
  settings.mlpWidth = 32
  settings.classifierLearningRate = 3e-3
  settings.classifierEpochs = 6
  settings.earlyStopPatience = nil
  settings.validationShare = 0.25
  return settings
}

/// An encoder whose one feature of a prefix is its last token's id over 10, so that everything can be
/// computed by hand; `joint` gives the difference of the two prefixes instead.
struct LastTokenEncoder: PrefixEncoder {
  var arrangement = FeatureArrangement.separate
  var fingerprint = "0123456789abcdef"
  let device = Device.cpu

  var identity: EncoderIdentity {
    EncoderIdentity(
      kind: "last-token", arrangement: arrangement, width: 1, options: [:],
      fingerprint: fingerprint)
  }

  func encode(
    _ rollouts: [RolloutSteps], prefixes: [PrefixSelection]
  ) -> any EncodedPrefixes {
    let values = zip(rollouts, prefixes).flatMap { rollout, prefixes in
      prefixes.lastTokens(rollout).map {
        Float((rollout.promptIDs + rollout.completionIDs)[$0]) / 10
      }
    }
    let vectors = SeparateFeatures(Tensor(values, shape: [values.count, 1]))
    return arrangement == .separate ? vectors : Differences(vectors: vectors)
  }

  private struct Differences: EncodedPrefixes {
    let vectors: SeparateFeatures
    var count: Int { vectors.count }
    var separate: Tensor? { nil }

    func pairs(first: [Int], second: [Int], bothOrders: Bool) -> PairFeatures {
      guard
        case .separate(let a, let b) = vectors.pairs(
          first: first, second: second, bothOrders: bothOrders)
      else { preconditionFailure("separate features come apart") }
      return .joint(ordered: a - b, reversed: bothOrders ? b - a : nil)
    }
  }
}

/// A Bradley-Terry head with g(h) = h for a feature h >= 0.
func identityHead() -> PreferenceHead {
  PreferenceHead(
    kind: .bradleyTerry, firstWeight: .ones([1, 1]), firstBias: .zeros([1]),
    secondWeight: .ones([1, 1]), secondBias: .zeros([1]))
}

/// A folder that is removed when `body` returns.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "prefix-preference-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// Whether a number is there and near another.
func isNear(_ found: Double?, _ expected: Double, within tolerance: Double = 1e-6) -> Bool {
  guard let found else { return false }
  return abs(found - expected) <= tolerance
}
