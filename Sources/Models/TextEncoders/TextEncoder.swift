import Foundation
import Torch

/// A bidirectional text encoder from a Hugging Face folder: BERT, DistilBERT, or the encoder of T5.
///
/// ```swift
/// let encoder = try TextEncoder.load(folder: folder)
/// let states = withoutGradients { encoder.hiddenStates([[101, 2054, 102], [101, 102]]) }  // [2, 3, hidden]
/// ```
public final class TextEncoder {
  /// The architecture.
  public let configuration: TextEncoderConfiguration
  /// Where the weights lie.
  public let device: Device
  /// The weights' type, in which the encoder computes.
  public let dtype: DType
  /// All weights under their names in the checkpoint, without a prefix such as `bert.`.
  public let parameters: [(name: String, tensor: Tensor)]

  private let network: any EncoderNetwork

  init(uninitialized configuration: TextEncoderConfiguration, dtype: DType, device: Device) throws {
    guard device.isAvailable else {
      throw ModelError(
        kind: .unavailableDevice, path: "\(device)", problem: "this machine has no such device")
    }
    let place = ParameterPlace(dtype: dtype, device: device)
    self.configuration = configuration
    self.device = device
    self.dtype = dtype
    network =
      switch configuration.family {
      case .bert, .distilbert: BERTNetwork(configuration, in: place)
      case .t5: T5EncoderNetwork(configuration, in: place)
      }
    parameters = network.parameters.map { ($0.name, $0.tensor) }
  }

  /// Opens a folder with `config.json` and safetensors. What belongs to other parts of a published
  /// model (a pooler, a decoder, heads) is left out.
  ///
  /// - Throws: `ModelError` or `SafetensorsError` naming the file, and the key or the tensor with its
  ///   expected and found shape.
  public static func load(
    folder: URL, dtype: DType = .float32, device: Device = .cpu
  ) throws -> TextEncoder {
    let configuration = try TextEncoderConfiguration(folder: folder)
    let checkpoint = try Checkpoint(folder: folder)
    let encoder = try TextEncoder(uninitialized: configuration, dtype: dtype, device: device)
    let prefix = configuration.family.prefixes.first { prefix in
      encoder.parameters.first.map { checkpoint.contains(prefix + $0.name) } ?? false
    }
    try withoutGradients {
      for (name, tensor) in encoder.parameters {
        tensor.copy(from: try checkpoint.tensor((prefix ?? "") + name, shape: tensor.shape))
      }
    }
    return encoder
  }

  /// Whether all weights gather gradients. False for a loaded encoder.
  public var trainable: Bool {
    get { parameters.allSatisfy { $0.tensor.requiresGradient } }
    set { for entry in parameters { entry.tensor.requiresGradient = newValue } }
  }

  /// The last hidden states `[rows, length, hidden]`, length that of the longest row.
  ///
  /// Rows are padded at the end; the states at padding are finite and without meaning.
  ///
  /// - Parameter rows: token ids with the special tokens that the tokenizer adds, at least one row and
  ///   one token in each, none longer than `configuration.maximumLength`.
  public func hiddenStates(_ rows: [[Int]]) -> Tensor {
    let length = rows.map(\.count).max() ?? 0
    precondition(
      length > 0 && rows.allSatisfy { !$0.isEmpty }, "an encoder reads rows of at least one token")
    if let maximum = configuration.maximumLength {
      precondition(length <= maximum, "\(length) tokens are more than \(maximum) positions")
    }
    let ids = Tensor(
      rows: rows.map { $0 + Array(repeating: 0, count: length - $0.count) }, on: device)
    let lengths = Tensor(rows.map(\.count), on: device).unsqueezed(1)
    let isReal = Tensor.arange(length, device: device).unsqueezed(0) .< lengths
    let mask = Tensor.zeros(isReal.shape, dtype: dtype, device: device)
      .maskedFill(isReal.logicalNot(), -.infinity).unsqueezed(1).unsqueezed(1)
    return network.states(ids, mask: mask)
  }
}

/// The layers of an encoder.
protocol EncoderNetwork {
  /// All weights in a fixed order.
  var parameters: [Parameter] { get }
  /// `[rows, length, hidden]` of ids `[rows, length]`; `mask` `[rows, 1, 1, length]` is added to the
  /// scores.
  func states(_ ids: Tensor, mask: Tensor) -> Tensor
}

/// Layer normalisation, named `NAME.weight` and `NAME.bias`.
struct LayerNorm {
  private let weight: Tensor
  private let bias: Tensor
  private let epsilon: Double

  init(_ width: Int, epsilon: Double, in place: ParameterPlace) {
    weight = place.make([width])
    bias = place.make([width])
    self.epsilon = epsilon
  }

  func callAsFunction(_ input: Tensor) -> Tensor {
    input.layerNorm(weight, bias: bias, epsilon: epsilon)
  }

  func parameters(_ name: String) -> [Parameter] {
    [
      Parameter(name: "\(name).weight", tensor: weight, initialization: .ones),
      Parameter(name: "\(name).bias", tensor: bias, initialization: .zeros),
    ]
  }
}
