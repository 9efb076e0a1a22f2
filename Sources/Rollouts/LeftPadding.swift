import Torch

/// Which leading columns of every row are padding: rows with prompts of different lengths end in the
/// same column, so that all of them write their next token to the same place.
struct LeftPadding {
  /// `[rows, 1]`.
  private let pads: Tensor
  private let device: Device

  /// nil when no row is padded.
  init?(pads: [Int], device: Device) {
    if pads.allSatisfy({ $0 == 0 }) { return nil }
    self.init(pads: Tensor(pads, on: device).unsqueezed(1), device: device)
  }

  private init(pads: Tensor, device: Device) {
    self.pads = pads
    self.device = device
  }

  func selecting(_ index: Tensor) -> LeftPadding {
    LeftPadding(pads: pads.indexSelect(0, index), device: device)
  }

  /// Positions `[rows, columns]` counted from each row's first token.
  func positions(_ columns: Range<Int>) -> Tensor {
    (Tensor.arange(columns.lowerBound, columns.upperBound, device: device) - pads).clamped(min: 0)
  }

  /// `[rows, 1, 1, total]`: all real columns.
  func decodeMask(_ total: Int) -> Tensor {
    (Tensor.arange(total, device: device) .>= pads).unsqueezed(1).unsqueezed(1)
  }

  /// `[rows, 1, columns, total]` for new columns that end the total: real columns up to the own one; a
  /// padding column attends to itself, since a row of the softmax must not be empty.
  func mask(_ columns: Range<Int>) -> Tensor {
    let all = Tensor.arange(columns.upperBound, device: device)
    let new = Tensor.arange(columns.lowerBound, columns.upperBound, device: device).unsqueezed(1)
    let real = (all .>= pads).unsqueezed(1).unsqueezed(1)
    return ((all .<= new) .& real) .| (all .== new)
  }
}
