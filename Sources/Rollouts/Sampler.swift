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
    model.withMergedAdapter {
      var results = [[Trajectory?]](
        repeating: Array(repeating: nil, count: completions), count: prompts.count)
      for batch in batches(prompts, completions: completions) {
        var decoding = Decoding(
          sampler: self, model: model, prompts: prompts, rows: batch, stream: stream)
        decoding.run(endTokens: endTokens, tokenizer: tokenizer, observe: observe)
        for row in decoding.finished {
          results[row.id.prompt][row.id.completion] = row.trajectory(of: prompts[row.id.prompt])
        }
      }
      return results.map { $0.compactMap(\.self) }
    }
  }

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
