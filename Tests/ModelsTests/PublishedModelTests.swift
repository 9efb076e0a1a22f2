import Foundation
import Testing
import Torch

@testable import Models

/// The real data beside the project; nil where it is absent.
private let dataFolder: URL? = {
  let folder =
    ProcessInfo.processInfo.environment["LACONIC_DATA"].map { URL(filePath: $0) }
    ?? URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/data").standardizedFileURL
  return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
}()

private let absent: Comment = "needs the real data: set LACONIC_DATA or put it at ../shared/data"

@Suite("Published models", .enabled(if: dataFolder != nil, absent))
struct PublishedModelTests {
  /// A numpy forward pass's greedy decoding of a trained model.
  struct Reference: Decodable {
    let ids: [Int]
    let logprobs: [Double]
  }

  @Test func stories260KGreedyDecoding() throws {
    let folder = try #require(dataFolder).appending(path: "models/stories260K")
    let reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: folder.appending(path: "reference_greedy.json")))
    let model = try CausalLanguageModel.load(folder: folder.appending(path: "hf_derived"))
    #expect(model.parameterCount == 260_032)
    let cache = ConcatenatingCache(model.configuration)
    var ids = [reference.ids[0]]
    var largest = 0.0
    withoutGradients {
      for expected in reference.logprobs {
        let hidden = model.hiddenStates(Tensor(rows: [[ids[ids.count - 1]]]), cache: cache)
        let logProbabilities = model.logits(hidden: hidden).logSoftmax()
        let best = logProbabilities.argmax(-1).intItem
        largest = max(largest, abs(logProbabilities.reshaped([-1]).select(0, best).item - expected))
        ids.append(best)
      }
    }
    #expect(ids == Array(reference.ids.prefix(ids.count)))
    #expect(ids.count == reference.logprobs.count + 1)
    print("stories260K: largest difference \(largest) of \(ids.count - 1) log-probabilities")
    #expect(largest < 1e-4)
  }

  /// The same log-probabilities from one pass over the whole text.
  @Test func stories260KWholeText() throws {
    let folder = try #require(dataFolder).appending(path: "models/stories260K")
    let reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: folder.appending(path: "reference_greedy.json")))
    let model = try CausalLanguageModel.load(folder: folder.appending(path: "hf_derived"))
    let count = reference.ids.count - 1
    let ids = Tensor(rows: [reference.ids])
    let found = withoutGradients {
      model.logits(hidden: model.hiddenStates(ids.narrow(1, from: 0, count: count))).logSoftmax()
        .gather(2, ids.narrow(1, from: 1, count: count).unsqueezed(2))
    }
    let expected = Array(reference.logprobs.prefix(count))
    #expect(largestDifference(found, expected, "stories260K whole text") < 1e-4)
  }

  /// bfloat16 weights and an untied output in a folder of another maker.
  @Test func arithmeticRandomLlama() throws {
    let folder = try #require(dataFolder).appending(path: "models/arithmetic_random_llama/model")
    let model = try CausalLanguageModel.load(folder: folder)
    #expect(model.parameterCount == 795_776)
    #expect(model.configuration.eosTokenIDs == [1])
    #expect(model.configuration.bosTokenID == nil)
    #expect(model.configuration.storedDType == .bfloat16)
    let logits = withoutGradients {
      model.logits(hidden: model.hiddenStates(Tensor(rows: [[3, 4, 5]])))
    }
    #expect(logits.shape == [1, 3, 16])
    #expect(logits.isFinite().all().intItem == 1)
  }
}
