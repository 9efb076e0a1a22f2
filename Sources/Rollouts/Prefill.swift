import Models
import Torch

/// What a model makes of the beginnings of rows, each different one computed once: packed, without
/// padding.
struct Prefill {
  /// The keys of all beginnings, one after the other, `[layers, heads, tokens, width]`.
  let keys: Tensor
  /// The values, like `keys`.
  let values: Tensor
  /// Where the tokens of each different beginning lie.
  let ranges: [Range<Int>]
  /// For every row its beginning's place in `ranges`.
  let places: [Int]
  /// The states before the final norm at the rows' last tokens, `[rows, hidden]`.
  let residual: Tensor

  /// - Parameter rows: the tokens of each row's beginning, at least one.
  init(_ rows: [[Int]], model: CausalLanguageModel) {
    var packed = PackedSequences()
    var ranges: [Range<Int>] = []
    var place: [[Int]: Int] = [:]
    var places: [Int] = []
    for row in rows {
      let known = place[row]
      if known == nil {
        place[row] = ranges.count
        ranges.append(packed.appendStem(row))
      }
      places.append(known ?? ranges.count - 1)
    }
    let (residual, cache) = model.prefill(packed)
    self.ranges = ranges
    self.places = places
    let last = places.map { ranges[$0].upperBound - 1 }
    self.residual = residual.indexSelect(0, Tensor(last, on: model.device))
    (keys, values) = (cache.keys, cache.values)
  }

  /// How many columns of the beginnings are padding, at their front, where all end in one column.
  var pads: [Int] {
    let length = ranges.map(\.count).max() ?? 0
    return ranges.map { length - $0.count }
  }

  /// The padding of the rows.
  func padding(device: Device) -> LeftPadding? {
    let pads = pads
    return LeftPadding(pads: places.map { pads[$0] }, device: device)
  }
}
