import Foundation
import Models
import Settings
import Tokenizers
import Torch

/// A frozen bidirectional text encoder that reads questions with partial solutions: the paper's kind of
/// classifier, with the encoder of T5 or one of the BERT family.
///
/// With the arrangement `joint` it reads a question with two solutions at once (WS-GRPO, phase I:
/// classifier, whose template is this project's), with `separate` a question with one solution.
public final class TextPrefixEncoder: PrefixEncoder {
  /// What becomes of the states of a text.
  public enum Pooling: String, SettingChoice {
    /// The first state [S].
    case first
    /// The mean of all [R].
    case mean
  }

  /// The name of this encoder in saved preference models.
  public static let kind = "text"
  /// The most tokens of a text, where the encoder has room for them [R].
  public static let defaultMaximumTokens = 1024

  /// What fixes the features.
  public let identity: EncoderIdentity
  private let encoder: TextEncoder
  private let tokenizer: Tokenizer
  private let policyTokenizer: Tokenizer
  private let pooling: Pooling
  private let maximumTokens: Int
  private let batchTokens: Int
  /// Where features are kept.
  public var cache = FeatureCache()
  private let template: PairTemplate

  /// An encoder of texts that a policy's tokens spell.
  ///
  /// - Parameters:
  ///   - tokenizer: the encoder's own.
  ///   - policyTokenizer: the one that rollouts' tokens belong to.
  ///   - maximumTokens: the most tokens of a text; the middle of solutions is left out beyond.
  ///   - batchTokens: the most tokens with padding that the encoder reads at once.
  /// - Throws: `PreferenceError.textTooShort` when a template does not fit in `maximumTokens`.
  public init(
    _ encoder: TextEncoder, tokenizer: Tokenizer, policyTokenizer: Tokenizer,
    arrangement: FeatureArrangement, pooling: Pooling,
    maximumTokens: Int = TextPrefixEncoder.defaultMaximumTokens,
    batchTokens: Int = CausalPrefixEncoder.defaultBatchTokens
  ) throws {
    self.encoder = encoder
    self.tokenizer = tokenizer
    self.policyTokenizer = policyTokenizer
    self.pooling = pooling
    self.maximumTokens = min(maximumTokens, encoder.configuration.maximumLength ?? maximumTokens)
    self.batchTokens = batchTokens
    template = PairTemplate(tokenizer)
    let room = self.maximumTokens - template.length(of: arrangement)
    guard room >= PairTemplate.leastRoom else {
      throw PreferenceError.textTooShort(
        maximum: self.maximumTokens,
        expected: template.length(of: arrangement) + PairTemplate.leastRoom)
    }
    var options = ["pooling": pooling.rawValue, "encoder-max-tokens": "\(self.maximumTokens)"]
    // Single precision goes without saying, so that models saved before there was another still load.
    if encoder.dtype != .float32 { options["encoder-precision"] = "\(encoder.dtype)" }
    identity = EncoderIdentity(
      kind: Self.kind, arrangement: arrangement, width: encoder.configuration.hiddenSize,
      options: options,
      fingerprint: fingerprint(
        configuration: encoder.configuration.summary, parameters: encoder.parameters))
  }

  /// Where the encoder is.
  public var device: Device { encoder.device }

  /// The prefixes as texts, encoded now (`separate`) or when a pair is asked for (`joint`).
  public func encode(
    _ rollouts: [RolloutSteps], prefixes: [PrefixSelection]
  ) throws -> any EncodedPrefixes {
    let texts = zip(rollouts, prefixes).flatMap { rollout, prefixes in
      let question = tokens(policyTokenizer.decode(rollout.promptIDs))
      let ends =
        rollout.lastTokenOfStep.isEmpty
        ? [-1] : prefixes.lastTokens(rollout).map { $0 - rollout.promptIDs.count }
      return ends.map { end in
        PrefixText(
          question: question,
          solution: tokens(policyTokenizer.decode(Array(rollout.completionIDs[...end]))))
      }
    }
    switch identity.arrangement {
    case .separate:
      let rows = texts.map { template.single($0, maximum: maximumTokens) }
      return SeparateFeatures(try vectors(rows))
    case .joint:
      return JointFeatures(count: texts.count) { pairs in
        try self.vectors(
          pairs.map { self.template.pair(texts[$0], texts[$1], maximum: self.maximumTokens) })
      }
    }
  }

  /// Writes the cache's file, where it has one.
  public func saveFeatures() throws { try cache.save() }

  private func tokens(_ text: String) -> [Int] {
    tokenizer.encode(
      text.trimmingCharacters(in: .whitespacesAndNewlines), addSpecialTokens: false)
  }

  /// One vector per row of ids, `[rows, width]`, single precision.
  private func vectors(_ rows: [[Int]]) throws -> Tensor {
    let keys = rows.map(FeatureCache.Key.init)
    var known: [FeatureCache.Key: [Float]] = [:]
    var missing: [FeatureCache.Key: [Int]] = [:]
    for (key, row) in zip(keys, rows) where known[key] == nil {
      if let vector = cache[key] { known[key] = vector } else { missing[key] = row }
    }
    // Longest first: if memory does not suffice, the first batch says so.
    let order = missing.sorted { ($0.value.count, $0.key) > ($1.value.count, $1.key) }
    let width = identity.width
    var start = 0
    while start < order.count {
      let count = max(1, min(order.count - start, batchTokens / order[start].value.count))
      let part = order[start..<start + count]
      let found = withoutGradients { pooled(part.map(\.value)) }.floats
      for (index, entry) in part.enumerated() {
        let vector = Array(found[index * width..<(index + 1) * width])
        known[entry.key] = vector
        cache.insert(vector, for: entry.key)
      }
      start += count
    }
    return try Tensor(keys.flatMap { known[$0] ?? [] }, shape: [rows.count, width]).to(device)
  }

  private func pooled(_ rows: [[Int]]) -> Tensor {
    let states = encoder.hiddenStates(rows).to(.float32)
    switch pooling {
    case .first: return states.select(1, 0)
    case .mean:
      let lengths = Tensor(rows.map { Double($0.count) }, on: device).to(.float32).unsqueezed(1)
      let isReal =
        Tensor.arange(states.size(1), dtype: .float32, device: device).unsqueezed(0) .< lengths
      return (states.maskedFill(isReal.logicalNot().unsqueezed(2), 0).sum(1)) / lengths
    }
  }
}

/// A question and a partial solution in the encoder's tokens.
struct PrefixText {
  let question: [Int]
  let solution: [Int]
}

/// The words around questions and solutions, in an encoder's tokens.
///
///     Question: {q}\nOption A: {A}\nOption B: {B}\nWhich reasoning is better?
struct PairTemplate {
  /// Tokens of question and solutions for which there must be room at least.
  static let leastRoom = 12

  private let start: [Int]
  private let end: [Int]
  private let question: [Int]
  private let optionA: [Int]
  private let optionB: [Int]
  private let ask: [Int]
  private let solution: [Int]

  init(_ tokenizer: Tokenizer) {
    func plain(_ text: String) -> [Int] { tokenizer.encode(text, addSpecialTokens: false) }
    question = plain("Question:")
    optionA = plain("Option A:")
    optionB = plain("Option B:")
    ask = plain("Which reasoning is better?")
    solution = plain("Solution:")
    // What the tokenizer puts before and after any text.
    let bare = plain("Question:")
    let whole = tokenizer.encode("Question:", addSpecialTokens: true)
    let place =
      (0...max(0, whole.count - bare.count)).first {
        whole.dropFirst($0).prefix(bare.count).elementsEqual(bare)
      } ?? 0
    start = Array(whole.prefix(place))
    end = Array(whole.dropFirst(place + bare.count))
  }

  /// Tokens of the template itself.
  func length(of arrangement: FeatureArrangement) -> Int {
    let shared = start.count + question.count + end.count
    return switch arrangement {
    case .separate: shared + solution.count
    case .joint: shared + optionA.count + optionB.count + ask.count
    }
  }

  func single(_ text: PrefixText, maximum: Int) -> [Int] {
    let room = maximum - length(of: .separate)
    let q = Self.withoutMiddle(text.question, limit: max(room / 2, room - text.solution.count))
    let a = Self.withoutMiddle(text.solution, limit: room - q.count)
    return start + question + q + solution + a + end
  }

  /// Question and solutions are cut apart from each other, so that the second always survives [R].
  func pair(_ first: PrefixText, _ second: PrefixText, maximum: Int) -> [Int] {
    let room = maximum - length(of: .joint)
    let solutions = first.solution.count + second.solution.count
    let q = Self.withoutMiddle(first.question, limit: max(room / 3, room - solutions))
    let rest = room - q.count
    let a = Self.withoutMiddle(
      first.solution, limit: max(rest / 2, rest - second.solution.count))
    let b = Self.withoutMiddle(second.solution, limit: rest - a.count)
    return start + question + q + optionA + a + optionB + b + ask + end
  }

  /// The first and the last tokens of a text that is too long.
  static func withoutMiddle(_ ids: [Int], limit: Int) -> [Int] {
    guard ids.count > limit else { return ids }
    let head = (limit + 1) / 2
    return Array(ids.prefix(head) + ids.suffix(limit - head))
  }
}

/// Features of ordered pairs, made when they are asked for.
struct JointFeatures: EncodedPrefixes {
  let count: Int
  let vectors: ([(Int, Int)]) throws -> Tensor

  var separate: Tensor? { nil }

  func pairs(first: [Int], second: [Int], bothOrders: Bool) throws -> PairFeatures {
    .joint(
      ordered: try vectors(Array(zip(first, second))),
      reversed: bothOrders ? try vectors(Array(zip(second, first))) : nil)
  }
}
