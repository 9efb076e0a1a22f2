import Models
import Torch

/// What a model makes of the beginnings of rows, each different one computed once.
struct Prefill {
  /// Holds the different beginnings, a row each.
  let cache: RolloutCache
  /// How many columns of each are padding, at its front.
  let pads: [Int]
  /// For every row its beginning's place in the cache.
  let places: [Int]
  /// The states at the rows' last tokens, `[rows, hidden]`.
  let hidden: Tensor
  /// The rows' padding.
  let padding: LeftPadding?

  /// - Parameter rows: the tokens of each row's beginning.
  init(_ rows: [[Int]], model: CausalLanguageModel, beforeFinalNorm: Bool = false) {
    var sequences: [[Int]] = []
    var place: [[Int]: Int] = [:]
    var places: [Int] = []
    for row in rows {
      let known = place[row]
      if known == nil {
        place[row] = sequences.count
        sequences.append(row)
      }
      places.append(known ?? sequences.count - 1)
    }
    let length = sequences.map(\.count).max() ?? 0
    let pads = sequences.map { length - $0.count }
    let ids = Tensor(
      rows: zip(sequences, pads).map { Array(repeating: 0, count: $1) + $0 }, on: model.device)
    let padding = LeftPadding(pads: pads, device: model.device)
    let cache = RolloutCache(model: model, rows: sequences.count, capacity: length)
    let states = model.hiddenStates(
      ids, positions: padding?.positions(0..<length), mask: padding?.mask(0..<length),
      cache: cache, beforeFinalNorm: beforeFinalNorm)
    let index = Tensor(places, on: model.device)
    self.cache = cache
    self.pads = pads
    self.places = places
    self.hidden = states.select(1, length - 1).indexSelect(0, index)
    self.padding = padding?.selecting(index)
  }
}
