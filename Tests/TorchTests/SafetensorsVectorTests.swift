import Foundation
import Testing

@testable import Torch

private let vectorFile = dataFolder.appendingPathComponent("oracles/safetensors_vectors.json")

/// Byte strings of the reference implementation's own tests, with what it makes of them.
@Suite struct SafetensorsVectorTests {
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: vectorFile.path),
      "oracles/safetensors_vectors.json is not in LACONIC_DATA or ../shared/data"))
  func agreesWithTheReferenceImplementation() throws {
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: vectorFile))
    let cases = try #require(json as? [[String: Any]])
    #expect(!cases.isEmpty)
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("case.safetensors")
      for item in cases {
        let name = "\(item["test"] ?? "?")"
        let encoded = try #require(item["bytes_b64"] as? String)
        try #require(Data(base64Encoded: encoded)).write(to: url)
        guard let expected = item["safetensors_0.8.0"] as? [String: [String: Any]] else {
          #expect(throws: SafetensorsError.self, "\(name)") { try SafetensorsFile(url) }
          continue
        }
        let file = try SafetensorsFile(url)
        #expect(Set(file.names) == Set(expected.keys), "\(name)")
        for (tensorName, description) in expected {
          let tensor = try file.tensor(tensorName)
          #expect("\(tensor.dtype)" == description["dtype"] as? String, "\(name)")
          #expect(tensor.shape == description["shape"] as? [Int], "\(name)")
          #expect(tensor.doubles == description["values"] as? [Double], "\(name)")
        }
      }
    }
  }
}
