import Foundation
import Models
import Testing
import Tokenizers
import Torch

@testable import PrefixPreference

/// The text encoder on a random BERT of the models' fixtures, with a tokenizer of a few words.
@Suite("Text prefix encoder")
struct TextPrefixEncoderTests {
  private static let words = [
    "[PAD]", "[CLS]", "[SEP]", "[UNK]", "Question", "Option", "A", "B", "Solution", "Which",
    "reasoning", "is", "better", ":", "?", "one", "two", "three", "four", "five", "six", "seven",
  ]

  private static let tokenizerJSON: String = {
    let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    return """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
       "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
                            "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}},
       "decoder": null,
       "model": {"type": "WordLevel", "vocab": {\(vocabulary)}, "unk_token": "[UNK]"}}
      """
  }()

  private static let bertFolder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "ModelsTests/Fixtures/encoders/bert")

  private let tokenizer: Tokenizer
  private let bert: TextEncoder

  init() throws {
    tokenizer = try Tokenizer(json: Data(Self.tokenizerJSON.utf8), name: "tokenizer.json")
    bert = try TextEncoder.load(folder: Self.bertFolder)
  }

  private func encoder(
    _ arrangement: FeatureArrangement, _ pooling: TextPrefixEncoder.Pooling = .mean,
    maximum: Int = 48, cache: FeatureCache = FeatureCache()
  ) throws -> TextPrefixEncoder {
    let encoder = try TextPrefixEncoder(
      bert, tokenizer: tokenizer, policyTokenizer: tokenizer, arrangement: arrangement,
      pooling: pooling, maximumTokens: maximum)
    encoder.cache = cache
    return encoder
  }

  private func ids(_ text: String) -> [Int] { tokenizer.encode(text, addSpecialTokens: false) }

  /// "one two" answered by "three", then "four five".
  private var rollout: RolloutSteps {
    RolloutSteps(
      promptIDs: ids("one two"), completionIDs: ids("three four five"), lastTokenOfStep: [0, 2])
  }

  private func state(_ text: String, _ pooling: TextPrefixEncoder.Pooling) -> [Float] {
    let row = tokenizer.encode(text)
    let states = withoutGradients { bert.hiddenStates([row]) }.select(0, 0)
    return (pooling == .first ? states.select(0, 0) : states.mean(0)).floats
  }

  @Test(arguments: TextPrefixEncoder.Pooling.allCases)
  func separateTextsAreQuestionAndSolution(_ pooling: TextPrefixEncoder.Pooling) throws {
    let encoded = try encoder(.separate, pooling).encode([rollout], prefixes: .everyStep)
    let vectors = try #require(encoded.separate)
    #expect(vectors.shape == [2, 24])
    let texts = [
      "Question: one two Solution: three", "Question: one two Solution: three four five",
    ]
    for (row, text) in texts.enumerated() {
      #expect(difference(vectors.select(0, row).floats, state(text, pooling)) < 1e-5)
    }
    let complete = try encoder(.separate, pooling).encode([rollout], prefixes: .completeSolution)
    #expect(complete.separate?.shape == [1, 24])
  }

  @Test func jointTextsHaveBothSolutionsInEitherOrder() throws {
    let encoded = try encoder(.joint).encode([rollout], prefixes: .everyStep)
    #expect(encoded.count == 2 && encoded.separate == nil)
    guard
      case .joint(let ordered, let reversed?) = try encoded.pairs(
        first: [0], second: [1], bothOrders: true)
    else {
      Issue.record("expected features of pairs")
      return
    }
    func text(_ a: String, _ b: String) -> String {
      "Question: one two Option A: \(a) Option B: \(b) Which reasoning is better?"
    }
    #expect(
      difference(ordered.floats, state(text("three", "three four five"), .mean)) < 1e-5)
    #expect(
      difference(reversed.floats, state(text("three four five", "three"), .mean)) < 1e-5)
  }

  @Test func pairsAreReadInTheOrdersAskedFor() throws {
    func read(_ kind: PreferenceHead.Kind, _ orders: Set<PairOrder>) throws -> Int {
      let cache = FeatureCache()
      let encoder = try encoder(.joint, cache: cache)
      let head = PreferenceHead(
        kind: kind, width: encoder.identity.width, arrangement: .joint, hidden: 4,
        generator: try RandomGenerator(seed: 1))
      _ = try PreferenceModel(encoder: encoder, head: head).score([rollout], orders: orders)
      return cache.count
    }
    #expect(try read(.pairwise, [.oldNew]) == 1)
    #expect(try read(.pairwise, [.newOld]) == 1)
    #expect(try read(.pairwise, .both) == 2)
    #expect(try read(.antisymmetric, [.oldNew]) == 2)
  }

  @Test func aHeadBelongsToThePrecisionItWasTrainedOn() throws {
    let half = try TextPrefixEncoder(
      TextEncoder.load(folder: Self.bertFolder, dtype: .bfloat16), tokenizer: tokenizer,
      policyTokenizer: tokenizer, arrangement: .separate, pooling: .mean, maximumTokens: 48)
    #expect(half.identity.options["encoder-precision"] == "bfloat16")
    let single = try encoder(.separate)
    #expect(single.identity.difference(from: half.identity) != nil)
    // Features are in single precision whatever the encoder computes in.
    let vectors = try #require(half.encode([rollout], prefixes: .everyStep).separate)
    let exact = try #require(single.encode([rollout], prefixes: .everyStep).separate)
    #expect(vectors.dtype == .float32)
    let off = difference(vectors.floats, exact.floats)
    #expect(off > 0 && off < 0.1, "\(off)")
  }

  @Test func theMiddleOfLongSolutionsIsLeftOut() throws {
    let template = PairTemplate(tokenizer)
    let long = PrefixText(question: Array(repeating: 15, count: 9), solution: Array(20...59))
    let short = PrefixText(question: long.question, solution: [16, 17])
    for maximum in [40, 48, 54] {
      for row in [
        template.pair(long, short, maximum: maximum), template.pair(short, long, maximum: maximum),
        template.pair(long, long, maximum: maximum), template.single(long, maximum: maximum),
      ] {
        #expect(row.count == maximum)
        #expect(row.first == 1 && row.last == 2)
      }
      let row = template.pair(long, short, maximum: maximum)
      // The short one is whole; of the long one there are the start and the end.
      #expect(row.contains(16) && row.contains(17) && row.contains(20) && row.contains(59))
      #expect(!row.contains(40))
    }
    #expect(PairTemplate.withoutMiddle([1, 2, 3, 4, 5], limit: 3) == [1, 2, 5])
    #expect(PairTemplate.withoutMiddle([1, 2], limit: 3) == [1, 2])
    #expect(throws: PreferenceError.self) { try encoder(.joint, maximum: 20) }
  }

  @Test func featuresAreKeptOnDisk() throws {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    let cache = try FeatureCache(file: file)
    let first = try encoder(.separate, cache: cache).encode([rollout], prefixes: .everyStep)
    #expect(cache.count == 2)
    try cache.save()
    let again = try FeatureCache(file: file)
    #expect(again.count == 2)
    let second = try encoder(.separate, cache: again).encode([rollout], prefixes: .everyStep)
    #expect(second.separate?.floats == first.separate?.floats)
    #expect(again.count == 2)
    // What the cache says is what counts: nothing is read anew.
    let key = FeatureCache.Key(
      PairTemplate(tokenizer).single(
        PrefixText(question: ids("one two"), solution: ids("three")), maximum: 48))
    again.insert([Float](repeating: 7, count: 24), for: key)
    let third = try encoder(.separate, cache: again).encode([rollout], prefixes: .everyStep)
    #expect(third.separate?.select(0, 0).floats == [Float](repeating: 7, count: 24))
    try Data("no tensors".utf8).write(to: file)
    #expect(throws: (any Error).self) { try FeatureCache(file: file) }
  }

  @Test func aCacheInMemoryForgets() {
    // Room for three vectors of two numbers.
    let cache = FeatureCache(byteLimit: 3 * 8)
    for id in 0..<7 { cache.insert([Float(id), 0], for: FeatureCache.Key([id])) }
    #expect(cache.count == 1)
    #expect(cache[FeatureCache.Key([6])] == [6, 0])
  }

  @Test func aHeadLearnsOnIt() throws {
    // Right solutions say "six", wrong ones "seven".
    let solutions = (0..<24).flatMap { question in
      [("six", true), ("seven", false)].map { word, correct in
        LabelledSolution(
          question: "\(question)", correct: correct,
          steps: RolloutSteps(
            promptIDs: ids(question % 2 == 0 ? "one" : "two"),
            completionIDs: ids("three \(word)"), lastTokenOfStep: [0, 1]))
      }
    }
    var settings = PreferenceSettings(preset: .paper)
    settings.classifierLearningRate = 1e-2
    settings.classifierEpochs = 20
    for arrangement in FeatureArrangement.allCases {
      let (model, report) = try PreferenceTrainer(settings).train(
        solutions, encoder: encoder(arrangement))
      #expect(report.validationMeasures != nil)
      #expect(try model.evaluate(solutions).pairs.withinAccuracy.mean == 1)
    }
  }

  private func difference(_ one: [Float], _ other: [Float]) -> Float {
    guard one.count == other.count else { return .infinity }
    return zip(one, other).map { abs($0 - $1) }.max() ?? .infinity
  }
}
