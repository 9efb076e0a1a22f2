import Foundation
import Testing
import Torch

@testable import Models

/// The folders that `Scripts/golden/models.py` makes.
enum Fixture: String, CaseIterable, CustomTestStringConvertible {
  case llama2, llama3, qwen2, qwen3, smollm2

  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  var folder: URL { Self.root.appending(path: rawValue) }
  var testDescription: String { rawValue }

  /// What transformers computes with the folder.
  func expected() throws -> Expected {
    let data = try Data(contentsOf: folder.appending(path: "expected.json"))
    return try JSONDecoder().decode(Expected.self, from: data)
  }
}

struct Expected: Decodable {
  struct Gradient: Decodable {
    let norm: Double
    let places: [Int]
    let values: [Double]
  }

  let ids: [[Int]]
  let logits: [Double]
  /// How many positions of the second row are padding at the front in `paddedLogits`.
  let padding: Int
  let paddedLogits: [Double]
  /// How many positions of the second row are no padding at the end in `loss`.
  let paddedLength: Int
  let loss: Double
  let gradients: [String: Gradient]
  let prompts: [[Int]]
  let greedy: [[Int]]
  /// The largest difference of transformers' own logits in half precision, by type.
  let roundings: [String: Double]
}

/// A cache in its plainest form.
final class ConcatenatingCache: AppendingCache {
  private var layers: [(key: Tensor, value: Tensor)] = []
  private let layerCount: Int
  private(set) var length = 0

  init(_ configuration: ModelConfiguration) { layerCount = configuration.layerCount }

  func append(layer: Int, key: Tensor, value: Tensor) -> (key: Tensor, value: Tensor) {
    if layer == layers.count {
      layers.append((key, value))
    } else {
      layers[layer].key = .concatenated([layers[layer].key, key], dim: 2)
      layers[layer].value = .concatenated([layers[layer].value, value], dim: 2)
    }
    if layer == layerCount - 1 { length += key.size(2) }
    return layers[layer]
  }
}

/// The mask and positions of rows with padding at the front; true where position i of a row attends to
/// position j.
func leftPadded(_ paddings: [Int], length: Int) -> (mask: Tensor, positions: Tensor) {
  var mask: [Bool] = []
  var positions: [Int] = []
  for padding in paddings {
    for i in 0..<length {
      positions.append(max(0, i - padding))
      for j in 0..<length { mask.append(j <= i && j >= padding) }
    }
  }
  return (
    Tensor(mask, shape: [paddings.count, 1, length, length]),
    Tensor(positions, shape: [paddings.count, length])
  )
}

/// The largest difference between a tensor and expected values, printed for the record.
func largestDifference(_ tensor: Tensor, _ expected: [Double], _ label: String) -> Double {
  let found = tensor.doubles
  guard found.count == expected.count else { return .infinity }
  let largest = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
  print("\(label): largest difference \(largest)")
  return largest
}

/// That the logits of a pass that records history, in which every weight has a product of its own, are those
/// expected.
func expectRecordedLogits(
  of model: CausalLanguageModel, _ rows: [[Int]], _ expected: [Double], within tolerance: Double,
  _ label: String, location: SourceLocation = #_sourceLocation
) {
  model.trainable = true
  let logits = model.logits(hidden: model.hiddenStates(Tensor(rows: rows)))
  #expect(logits.requiresGradient, sourceLocation: location)
  #expect(
    largestDifference(logits.detached(), expected, "\(label) recorded logits") < tolerance,
    sourceLocation: location)
}

/// The mean cross-entropy of the next ids; the second row is filled up at the end.
func nextIDLoss(of model: CausalLanguageModel, _ rows: [[Int]], paddedLength: Int) -> Tensor {
  let length = rows[0].count
  let ids = Tensor(rows: rows)
  let logits = model.logits(hidden: model.hiddenStates(ids))
  let chosen = logits.narrow(1, from: 0, count: length - 1).logSoftmax()
    .gather(2, ids.narrow(1, from: 1, count: length - 1).unsqueezed(2)).squeezed(2)
  let counts = [length, paddedLength].map { count in
    (1..<length).map { $0 < count ? Float(1) : 0 }
  }
  let weights = Tensor(rows: counts)
  return -(chosen * weights).sum() / weights.sum()
}

/// Compares the gradients of all parameters with torch's.
func expectGradients(
  of parameters: [(name: String, tensor: Tensor)], _ expected: [String: Expected.Gradient],
  within tolerance: Double, _ label: String
) throws {
  #expect(Set(parameters.map(\.name)) == Set(expected.keys))
  var largest = 0.0
  for (name, parameter) in parameters {
    let golden = try #require(expected[name])
    let gradient = try #require(parameter.gradient, "\(name) has no gradient")
    let norm = gradient.norm().item
    #expect(
      abs(norm - golden.norm) <= tolerance * golden.norm,
      "\(name): norm \(norm), expected \(golden.norm)")
    let values = gradient.reshaped([-1]).doubles
    for (place, value) in zip(golden.places, golden.values) {
      // A single entry is measured against the gradient's root mean square: one that is zero but
      // for rounding has no relative error of its own.
      let scale = max(abs(value), golden.norm / Double(values.count).squareRoot())
      let difference = abs(values[place] - value) / scale
      largest = max(largest, difference)
      #expect(
        difference <= tolerance, "\(name)[\(place)]: \(values[place]), expected \(value)")
    }
  }
  print("\(label) gradients: largest relative difference \(largest)")
}

/// A folder of its own that is gone when `body` returns.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "laconic-models-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
