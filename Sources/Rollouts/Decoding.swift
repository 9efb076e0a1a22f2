import Models
import Tokenizers
import Torch

/// One batch of rows on its way: prompts computed, then a token for every row at a time.
struct Decoding {
  private let sampling: TokenSampling
  private let settings: SamplingSettings
  private let model: CausalLanguageModel
  private let prompts: [Prompt]
  private let stream: RandomStream

  /// Rows that still grow, in the order of the cache's rows; finished ones wait for compaction.
  private var rows: [Row]
  private(set) var finished: [Row] = []

  init(
    sampler: Sampler, model: CausalLanguageModel, prompts: [Prompt], rows: [RowID],
    stream: RandomStream
  ) {
    settings = sampler.settings
    sampling = TokenSampling(settings: sampler.settings)
    self.model = model
    self.prompts = prompts
    self.stream = stream
    self.rows = rows.map { id in
      Row(
        id: id,
        stream: stream.substream(prompts[id.prompt].key).substream(UInt64(id.completion)))
    }
  }

  mutating func run(
    endTokens: Set<Int>, tokenizer: Tokenizer?, observe: ((Int, Int, Int) -> Void)?
  ) {
    if !settings.stopStrings.isEmpty, let tokenizer {
      for index in rows.indices {
        rows[index].watch = StopWatch(
          strings: settings.stopStrings, decoder: tokenizer.streamDecoder())
      }
    }
    let (cache, first, firstPadding) = prefill()
    var (hidden, padding) = (first, firstPadding)
    for position in 0..<settings.maximumCompletion {
      let uniforms = rows.map { $0.stream.uniform(position) }
      let (tokens, logProbabilities) = sampling.sample(
        logits: model.logits(hidden: hidden), uniforms: uniforms)
      let ids = tokens.ints
      let values = logProbabilities.floats
      for index in rows.indices where rows[index].finish == nil {
        rows[index].append(
          ids[index], values[index], endTokens: endTokens, limit: settings.maximumCompletion)
        observe?(rows[index].id.prompt, rows[index].id.completion, ids[index])
      }
      let active = rows.indices.filter { rows[$0].finish == nil }
      if active.isEmpty { break }
      var next = tokens
      let done = rows.count - active.count
      if done > 0, Double(done) >= cache.compactionShare * Double(rows.count) {
        finished += rows.filter { $0.finish != nil }
        rows = active.map { rows[$0] }
        let index = Tensor(active, on: model.device)
        cache.keep(active, columns: Self.columns(settings.maximumCompletion - position))
        padding = padding?.selecting(index)
        next = next.indexSelect(0, index)
      }
      hidden = step(next, cache: cache, padding: padding)
    }
    finished += rows
    rows = []
  }

  /// Runs every prompt of the batch once and gives its state to all its rows.
  private func prefill() -> (cache: any DecodingCache, hidden: Tensor, padding: LeftPadding?) {
    var order: [Int] = []
    var place: [Int: Int] = [:]
    for row in rows where place[row.id.prompt] == nil {
      place[row.id.prompt] = order.count
      order.append(row.id.prompt)
    }
    let sequences = order.map { prompts[$0].ids }
    let length = sequences.map(\.count).max() ?? 0
    let pads = sequences.map { length - $0.count }
    let ids = Tensor(
      rows: zip(sequences, pads).map { Array(repeating: 0, count: $1) + $0 }, on: model.device)
    let padding = LeftPadding(pads: pads, device: model.device)
    let cache = RolloutCache(model: model, rows: order.count, capacity: length)
    let hidden = model.hiddenStates(
      ids, positions: padding?.positions(0..<length), mask: padding?.prefillMask(length),
      cache: cache
    ).select(1, length - 1)
    let places = rows.map { place[$0.id.prompt] ?? 0 }
    let index = Tensor(places, on: model.device)
    return (
      continued(cache, pads: pads, places: places), hidden.indexSelect(0, index),
      padding?.selecting(index)
    )
  }

  /// The cache of all rows from that of their prompts; `places` are those of the rows' prompts.
  private func continued(
    _ prompts: RolloutCache, pads: [Int], places: [Int]
  ) -> any DecodingCache {
    let columns = Self.columns(settings.maximumCompletion)
    if SharedPromptCache.serves(model) {
      return SharedPromptCache(prompts: prompts, pads: pads, rows: places, columns: columns)
    }
    prompts.keep(places, columns: columns)
    return prompts
  }

  private func step(_ tokens: Tensor, cache: any DecodingCache, padding: LeftPadding?) -> Tensor {
    let column = cache.length
    return model.hiddenStates(
      tokens.unsqueezed(1), positions: padding?.positions(column..<column + 1),
      mask: cache.needsPaddingMask ? padding?.decodeMask(column + 1) : nil, cache: cache
    ).select(1, 0)
  }

  /// Columns to make room for: not all at once, since most completions end early.
  private static func columns(_ remaining: Int) -> Int { min(remaining, 128) }
}

/// A completion that grows.
struct Row {
  let id: RowID
  let stream: RandomStream
  var watch: StopWatch?
  private var ids: [Int] = []
  private var logProbabilities: [Float] = []
  private(set) var finish: FinishReason?

  init(id: RowID, stream: RandomStream) {
    self.id = id
    self.stream = stream
  }

  mutating func append(_ token: Int, _ logProbability: Float, endTokens: Set<Int>, limit: Int) {
    ids.append(token)
    logProbabilities.append(logProbability)
    if endTokens.contains(token) {
      finish = .endToken
    } else if watch?.sees(token) == true {
      finish = .stopString
    } else if ids.count == limit {
      finish = .length
    }
  }

  func trajectory(of prompt: Prompt) -> Trajectory {
    Trajectory(
      promptIDs: prompt.ids, completionIDs: ids, logProbabilities: logProbabilities,
      finish: finish ?? .length)
  }
}

/// Looks for stop strings in the text of a completion as it grows.
struct StopWatch {
  private let strings: [String]
  private var decoder: StreamDecoder
  private var tail = ""
  private let longest: Int

  init(strings: [String], decoder: StreamDecoder) {
    self.strings = strings
    self.decoder = decoder
    longest = strings.map(\.unicodeScalars.count).max() ?? 0
  }

  mutating func sees(_ token: Int) -> Bool {
    let new = decoder.append(token)
    guard !new.isEmpty else { return false }
    tail += new
    if strings.contains(where: tail.contains) { return true }
    tail = String(String.UnicodeScalarView(tail.unicodeScalars.suffix(longest)))
    return false
  }
}
