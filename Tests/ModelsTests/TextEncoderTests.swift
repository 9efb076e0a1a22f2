import Foundation
import Testing
import Torch

@testable import Models

/// Agreement with transformers on the folders that `Scripts/golden/text_encoders.py` makes.
@Suite("Text encoders")
struct TextEncoderTests {
  private struct Expected: Decodable {
    let rows: [[Int]]
    /// `[row][position * hidden]`.
    let states: [[Double]]
  }

  static let names = ["bert", "distilbert", "t5", "flan-t5"]

  private func folder(_ name: String) -> URL {
    Fixture.root.appending(path: "encoders/\(name)")
  }

  private func expected(_ name: String) throws -> Expected {
    try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: folder(name).appending(path: "expected.json")))
  }

  @Test(arguments: names)
  func hiddenStates(_ name: String) throws {
    let expected = try expected(name)
    let encoder = try TextEncoder.load(folder: folder(name))
    let states = withoutGradients { encoder.hiddenStates(expected.rows) }
    #expect(states.shape == [2, expected.rows[0].count, 24])
    #expect(states.isFinite().all().intItem == 1)
    for (row, ids) in expected.rows.enumerated() {
      let found = states.select(0, row).narrow(0, from: 0, count: ids.count)
      #expect(
        largestDifference(found, expected.states[row], "\(name) row \(row)") < 1e-4)
    }
  }

  @Test(arguments: names)
  func halfPrecisionIsClose(_ name: String) throws {
    let expected = try expected(name)
    let encoder = try TextEncoder.load(folder: folder(name), dtype: .bfloat16)
    let states = withoutGradients { encoder.hiddenStates(expected.rows) }
    #expect(states.dtype == .bfloat16)
    for (row, ids) in expected.rows.enumerated() {
      let found = states.select(0, row).narrow(0, from: 0, count: ids.count).to(.float32)
      let off = largestDifference(found, expected.states[row], "\(name) row \(row)")
      // Eight bits of mantissa on states of about 1.
      #expect(off > 0 && off < 0.1, "\(off)")
    }
  }

  @Test(arguments: names)
  func everyWeightTakesPart(_ name: String) throws {
    let encoder = try TextEncoder.load(folder: folder(name))
    #expect(!encoder.trainable)
    encoder.trainable = true
    encoder.hiddenStates(try expected(name).rows).squared().sum().backward()
    for (parameter, tensor) in encoder.parameters {
      // A softmax does not change when all keys move alike.
      if parameter.hasSuffix("key.bias") || parameter.hasSuffix("k_lin.bias") { continue }
      #expect((tensor.gradient?.norm().item ?? 0) > 0, "\(parameter)")
    }
  }

  @Test(arguments: [
    ("\"model_type\": \"bert\"", "\"model_type\": \"roberta\"", "bert, distilbert, t5"),
    ("\"hidden_size\": 24", "\"hidden_size\": 25", "hidden size 25 is not a multiple of 3"),
    ("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"swish\"", "relu, gelu, gelu_new"),
    ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "encoder.layer.2"),
    ("\"vocab_size\": 48", "\"vocab_size\": 47", "expected [47, 24]"),
  ])
  func whatDoesNotFitIsRefused(_ old: String, _ new: String, _ named: String) throws {
    let copy = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: copy) }
    try FileManager.default.copyItem(at: folder("bert"), to: copy)
    let file = copy.appending(path: "config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacingOccurrences(of: old, with: new)
      .write(to: file, atomically: true, encoding: .utf8)
    let error = try #require(throws: ModelError.self) { try TextEncoder.load(folder: copy) }
    #expect(error.description.contains(named), "\(error)")
  }

  /// T5's own example distances: exact ones, logarithmic ones, and the last bucket.
  @Test func relativeBuckets() {
    let buckets = (count: 32, maximumDistance: 128)
    let found = [0, -1, -7, -8, -11, -12, -64, -127, -128, -1000, 1, 7, 8, 128].map {
      T5EncoderNetwork.bucket($0, buckets)
    }
    #expect(found == [0, 1, 7, 8, 8, 9, 14, 15, 15, 15, 17, 23, 24, 31])
  }
}
