import Testing
import Torch

/// How far two numbers may lie apart in a type (`Tests/Golden/README.md`).
struct Tolerance {
  let relative: Double
  let absolute: Double

  static func of(_ dtype: DType) -> Tolerance {
    dtype == .float64
      ? Tolerance(relative: 1e-9, absolute: 1e-11) : Tolerance(relative: 2e-4, absolute: 2e-6)
  }

  func accepts(_ found: Double, _ expected: Double) -> Bool {
    abs(found - expected) <= absolute + relative * abs(expected)
  }
}

/// The paths at which `found` differs from `expected`, each with both values.
func differences(
  _ found: JSONValue, _ expected: JSONValue, within tolerance: Tolerance, at path: String
) -> [String] {
  switch (found, expected) {
  case (.number(let found), _):
    guard let expected = try? expected.number() else { break }
    return tolerance.accepts(found, expected) ? [] : ["\(path): \(found), expected \(expected)"]
  case (.array(let found), .array(let expected)) where found.count == expected.count:
    return found.indices.flatMap {
      differences(found[$0], expected[$0], within: tolerance, at: "\(path)[\($0)]")
    }
  case (.object(let found), .object(let expected)):
    return expected.keys.sorted().flatMap { key in
      found[key].map {
        differences($0, expected[key] ?? .null, within: tolerance, at: "\(path).\(key)")
      } ?? ["\(path).\(key): nothing computes it"]
    }
  default: break
  }
  return found == expected ? [] : ["\(path): \(found), expected \(expected)"]
}
