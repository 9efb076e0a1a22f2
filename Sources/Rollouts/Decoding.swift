import Models
import Tokenizers
import Torch

/// One batch of rows on its way: prompts computed, then a token for every row at a time.
struct Decoding {
  private let sampling: TokenSampling
  private let settings: SamplingSettings
  private let model: CausalLanguageModel
  private let prompts: [Prompt]

  /// Rows that still grow, in the order of the cache's rows; those that are done wait for compaction.
  private var rows: [Row]
  /// Rows that have left the batch before the stopper saw their last tokens.
  private var unseen: [Row] = []
  /// Rows that have ended.
  private(set) var finished: [Row] = []
  /// Rows whose reasoning was ended, without their answers.
  private(set) var stopped: [Row] = []

  /// - Parameter rows: with the tokens that they have already.
  init(sampler: Sampler, model: CausalLanguageModel, prompts: [Prompt], rows: [Row]) {
    settings = sampler.settings
    sampling = TokenSampling(settings: sampler.settings)
    self.model = model
    self.prompts = prompts
    self.rows = rows
  }

  mutating func run<Stopper: ReasoningStopper>(
    endTokens: Set<Int>, tokenizer: Tokenizer?, stopper: inout Stopper,
    observe: ((Int, Int, Int) -> Void)?
  ) throws(Stopper.Failure) {
    if !settings.stopStrings.isEmpty, let tokenizer {
      for index in rows.indices {
        rows[index].watch = StopWatch(
          strings: settings.stopStrings, decoder: tokenizer.streamDecoder())
      }
    }
    let begun = Prefill(rows.map { prompts[$0.id.prompt].ids + $0.ids }, model: model)
    let cache = continued(begun)
    var hidden = model.normalised(begun.residual)
    var padding = begun.padding(device: model.device)
    var passes = 0
    while true {
      let (tokens, logProbabilities) = sampling.sample(
        logits: model.logits(hidden: hidden), uniforms: rows.map(\.uniform))
      let ids = tokens.ints
      let values = logProbabilities.floats
      for index in rows.indices where !rows[index].isDone {
        rows[index].append(ids[index], values[index], endTokens: endTokens)
        observe?(rows[index].id.prompt, rows[index].id.completion, ids[index])
      }
      passes += 1
      if passes % stopper.interval == 0 || rows.allSatisfy(\.isDone) { try show(to: &stopper) }
      let active = rows.indices.filter { !rows[$0].isDone }
      if active.isEmpty { break }
      var next = tokens
      let done = rows.count - active.count
      if done > 0, Double(done) >= cache.compactionShare * Double(rows.count) {
        leave(rows.filter(\.isDone))
        rows = active.map { rows[$0] }
        let index = Tensor(active, on: model.device)
        cache.keep(active, columns: columns)
        padding = padding?.selecting(index)
        next = next.indexSelect(0, index)
      }
      hidden = step(next, cache: cache, padding: padding)
    }
    leave(rows)
    rows = []
  }

  /// Shows the stopper every row with tokens that it has not seen.
  private mutating func show<Stopper: ReasoningStopper>(
    to stopper: inout Stopper
  ) throws(Stopper.Failure) {
    let shown = (unseen + rows).filter { $0.seen < $0.ids.count }.sorted { $0.number < $1.number }
    let ends = try stopper.ends(of: shown.map(\.growing))
    var end: [Int: ReasoningEnd] = [:]
    for (row, its) in zip(shown, ends) { end[row.number] = its }
    func seen(_ row: Row) -> Row {
      guard row.seen < row.ids.count else { return row }
      var row = row
      row.wasSeen(end[row.number])
      return row
    }
    rows = rows.map(seen)
    let waiting = unseen.map(seen)
    unseen = []
    leave(waiting)
  }

  /// Takes rows that are done out of the batch.
  private mutating func leave(_ rows: [Row]) {
    for row in rows {
      if row.end != nil {
        stopped.append(row)
      } else if row.seen < row.ids.count {
        unseen.append(row)
      } else {
        finished.append(row)
      }
    }
  }

  /// The cache of all rows from that of their beginnings.
  private func continued(_ begun: Prefill) -> any DecodingCache {
    if SharedPromptCache.serves(model) {
      return SharedPromptCache(begun, columns: columns)
    }
    return RolloutCache(begun, columns: columns)
  }

  private func step(_ tokens: Tensor, cache: any DecodingCache, padding: LeftPadding?) -> Tensor {
    let column = cache.length
    return model.hiddenStates(
      tokens.unsqueezed(1), positions: padding?.positions(column..<column + 1),
      mask: cache.needsPaddingMask ? padding?.decodeMask(column + 1) : nil, cache: cache
    ).select(1, 0)
  }

  /// Columns to make room for: not all at once, since most completions end early.
  private var columns: Int { min(rows.map(\.room).max() ?? 0, 128) }
}
