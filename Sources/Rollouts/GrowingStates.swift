import Models
import Torch

/// The states of a model that reads rows along as they grow, all by equally many tokens at a time: with
/// keys and values of its own, so that no token is read twice.
public final class GrowingStates {
  private let model: CausalLanguageModel
  private let cache: RolloutCache
  private var padding: LeftPadding?
  /// The states before the final norm at the rows' last tokens, `[rows, hidden]`.
  public private(set) var last: Tensor

  /// Reads the rows' prompts, each different one once.
  public init(_ model: CausalLanguageModel, prompts: [[Int]]) {
    self.model = model
    (cache, padding, last) = withoutGradients {
      let begun = Prefill(prompts, model: model)
      return (
        RolloutCache(begun, columns: 0), begun.padding(device: model.device), begun.residual
      )
    }
  }

  /// Reads the next tokens `[rows, count]` of all rows.
  ///
  /// - Returns: the states before the final norm at these tokens, `[rows, count, hidden]`.
  public func read(_ tokens: Tensor) -> Tensor {
    withoutGradients {
      let columns = cache.length..<cache.length + tokens.size(1)
      let states = model.hiddenStates(
        tokens, positions: padding?.positions(columns), mask: padding?.mask(columns), cache: cache,
        beforeFinalNorm: true)
      last = states.select(1, tokens.size(1) - 1)
      return states
    }
  }

  /// Keeps the rows at these places alone, in this order.
  public func keep(_ rows: [Int]) {
    let index = Tensor(rows, on: model.device)
    cache.keep(rows, columns: 0)
    padding = padding?.selecting(index)
    last = last.indexSelect(0, index)
  }
}
