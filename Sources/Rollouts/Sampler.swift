import Models
import Tokenizers
import Torch

/// Samples completions of prompts from a language model.
///
/// A prompt is computed once for all its completions, rows that have finished are taken out of the
/// batch, and every row draws from a random stream of its own, so that batch split, order and
/// compaction change nothing that is sampled beyond floating-point ties.
public struct Sampler {
  /// How completions are sampled.
  public let settings: SamplingSettings
  private let model: CausalLanguageModel
  private let endTokens: Set<Int>
  private let tokenizer: Tokenizer?

  /// - Parameters:
  ///   - endTokens: ids that end a completion.
  ///   - tokenizer: needed when `settings` has stop strings.
  public init(
    model: CausalLanguageModel, settings: SamplingSettings, endTokens: Set<Int>,
    tokenizer: Tokenizer? = nil
  ) {
    precondition(
      settings.stopStrings.isEmpty || tokenizer != nil, "stop strings need a tokenizer")
    self.model = model
    self.settings = settings
    self.endTokens = endTokens
    self.tokenizer = tokenizer
  }

  /// `completions` completions of every prompt.
  ///
  /// - Parameters:
  ///   - stream: the random stream; another training step needs another substream.
  ///   - observe: told every new token as (prompt, completion, id) in the order of sampling.
  /// - Returns: for every prompt its trajectories, in order.
  public func sample(
    _ prompts: [Prompt], completions: Int, stream: RandomStream,
    observe: ((Int, Int, Int) -> Void)? = nil
  ) -> [[Trajectory]] {
    switch sampled(
      prompts, completions: completions, stream: stream, stopper: NeverStops(), observe: observe)
    {
    case .success(let trajectories): trajectories
    }
  }

  /// `completions` completions of every prompt, whose reasoning `stopper` may end.
  ///
  /// - Parameter stream: the random stream; another training step needs another substream.
  /// - Returns: for every prompt its trajectories, in order.
  /// - Throws: what the stopper throws.
  public func sample<Stopper: ReasoningStopper>(
    _ prompts: [Prompt], completions: Int, stream: RandomStream, stopper: Stopper
  ) throws(Stopper.Failure) -> [[Trajectory]] {
    try sampled(
      prompts, completions: completions, stream: stream, stopper: stopper, observe: nil
    ).get()
  }

  private func sampled<Stopper: ReasoningStopper>(
    _ prompts: [Prompt], completions: Int, stream: RandomStream, stopper: Stopper,
    observe: ((Int, Int, Int) -> Void)?
  ) -> Result<[[Trajectory]], Stopper.Failure> {
    model.withMergedAdapter {
      var results = [[Trajectory?]](
        repeating: Array(repeating: nil, count: completions), count: prompts.count)
      for batch in batches(prompts, completions: completions) {
        do throws(Stopper.Failure) {
          for row in try rows(batch, of: prompts, stream: stream, stopper, observe) {
            results[row.id.prompt][row.id.completion] = row.trajectory(of: prompts[row.id.prompt])
          }
        } catch {
          return .failure(error)
        }
      }
      return .success(results.map { $0.compactMap(\.self) })
    }
  }

  /// The finished rows of a batch.
  private func rows<Stopper: ReasoningStopper>(
    _ batch: [RowID], of prompts: [Prompt], stream: RandomStream, _ stopper: Stopper,
    _ observe: ((Int, Int, Int) -> Void)?
  ) throws(Stopper.Failure) -> [Row] {
    let rows = batch.enumerated().map { number, id in
      Row(
        id: id, number: number,
        stream: stream.substream(prompts[id.prompt].key).substream(UInt64(id.completion)),
        limit: settings.maximumCompletion)
    }
    var stopper = stopper
    stopper.begin(prompts: batch.map { prompts[$0.prompt].ids })
    var decoding = Decoding(sampler: self, model: model, prompts: prompts, rows: rows)
    try decoding.run(
      endTokens: endTokens, tokenizer: tokenizer, stopper: &stopper, observe: observe)
    return decoding.finished + answers(to: decoding.stopped.compactMap(\.answering), prompts)
  }

  /// Rows whose reasoning was ended, with their answers.
  private func answers(to rows: [Row], _ prompts: [Prompt]) -> [Row] {
    func length(_ row: Row) -> Int { prompts[row.id.prompt].ids.count + row.ids.count }
    var parts: [[Row]] = []
    for row in rows.sorted(by: { (length($0), $0.number) < (length($1), $1.number) }) {
      // The longest of a part comes last, and all are padded to it.
      if let size = parts.last?.count, (size + 1) * length(row) <= Self.answerTokens {
        parts[parts.count - 1].append(row)
      } else {
        parts.append([row])
      }
    }
    return parts.flatMap { part in
      var decoding = Decoding(sampler: self, model: model, prompts: prompts, rows: part)
      var none = NeverStops()
      decoding.run(endTokens: endTokens, tokenizer: tokenizer, stopper: &none, observe: nil)
      return decoding.finished
    }
  }

  /// The most tokens with padding that are read at once where reasoning was ended: the states of a 4,096
  /// wide model then take 256 MB in single precision.
  private static let answerTokens = 16384

  /// Rows of one prompt stay together where they fit; prompts of like length share a batch, so that
  /// little is padded.
  private func batches(_ prompts: [Prompt], completions: Int) -> [[RowID]] {
    let order = prompts.indices.sorted {
      (prompts[$0].ids.count, $0) < (prompts[$1].ids.count, $1)
    }
    let rows = order.flatMap { prompt in
      (0..<completions).map { RowID(prompt: prompt, completion: $0) }
    }
    return stride(from: 0, to: rows.count, by: settings.batchRows).map {
      Array(rows[$0..<min($0 + settings.batchRows, rows.count)])
    }
  }
}

/// Which completion of which prompt.
struct RowID: Hashable {
  let prompt: Int
  let completion: Int
}
