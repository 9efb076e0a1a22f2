import Foundation
import Torch

/// The golden cases of preference heads and their loss: `Tests/Golden/ws-grpo.json`, or the file of that
/// name in the folder `LACONIC_GOLDEN`.
enum GoldenHeads {
  struct MLP: Decodable {
    let w1: [[Double]]
    let b1: [Double]
    let w2: [Double]
    let b2: Double
  }

  struct HeadCase: Decodable {
    struct Inputs: Decodable {
      let features: [[Double]]
      let pairwise_mlp: MLP
      let scalar_mlp: MLP
    }
    struct Scores: Decodable {
      let pref_old_new: [Double]
      let pref_new_old: [Double]
      let value: [Double]?
    }
    let name: String
    let inputs: Inputs
    let expected: [String: Scores]
  }

  struct LossCase: Decodable {
    struct Inputs: Decodable {
      let logit_pos_first: [Double]
      let logit_neg_first: [Double]
    }
    struct Expected: Decodable {
      let loss: Double
      let grad_logit_pos_first: [Double]
      let grad_logit_neg_first: [Double]
    }
    let name: String
    let inputs: Inputs
    let expected: Expected
  }

  private struct File: Decodable {
    struct Named: Decodable {
      let name: String
      let kind: String
    }
    let cases: [Named]
  }

  /// Cases of a kind whose inputs have the form `Case`: `score` and `aux-loss` mean these here.
  static func cases<Case: Decodable>(_ kind: String, as type: Case.Type) throws -> [Case] {
    let folder =
      ProcessInfo.processInfo.environment["LACONIC_GOLDEN"].map { URL(filePath: $0) }
      ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden")
    let data = try Data(contentsOf: folder.appending(path: "ws-grpo.json"))
    let names = try JSONDecoder().decode(File.self, from: data).cases
    let whole = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let cases = whole?["cases"] as? [Any] ?? []
    return try zip(names, cases).filter { $0.0.kind == kind }.map {
      try JSONDecoder().decode(type, from: JSONSerialization.data(withJSONObject: $0.1))
    }
  }
}
