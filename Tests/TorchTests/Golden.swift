import Foundation

@testable import Torch

/// A tensor in a golden file.
struct GoldenTensor: Decodable {
  let dtype: String
  let shape: [Int]
  let values: [Double]

  private enum Key: CodingKey { case dtype, shape, values }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    dtype = try container.decode(String.self, forKey: .dtype)
    shape = try container.decode([Int].self, forKey: .shape)
    if dtype == "bool", let flags = try? container.decode([Bool].self, forKey: .values) {
      values = flags.map { $0 ? 1 : 0 }
    } else {
      values = try container.decode([Double].self, forKey: .values)
    }
  }

  /// The tensor, floating-point numbers as `type`.
  func tensor(_ type: DType = .float64) -> Tensor {
    let tensor = Tensor(values, shape: shape)
    switch dtype {
    case "int64": return tensor.to(.int64)
    case "bool": return tensor.to(.bool)
    default: return tensor.to(type)
    }
  }
}

/// The golden file `name`, made by `Scripts/golden/torch_ops.py`.
func golden<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws
  -> Content
{
  let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden/\(name).json")
  return try JSONDecoder().decode(Content.self, from: Data(contentsOf: url))
}
