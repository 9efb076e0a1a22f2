import Foundation
import Testing
import Torch

@testable import Models

/// Folders that cannot be opened, and what the error says.
@Suite("Damaged model folders")
struct DamagedFolderTests {
  /// A copy of a fixture's model files, changed by `damage`, then opened.
  private func error(
    _ fixture: Fixture, damage: (URL) throws -> Void
  ) throws -> (any Error & CustomStringConvertible)? {
    try withTemporaryFolder { folder in
      let copy = folder.appending(path: "model")
      try FileManager.default.copyItem(at: fixture.folder, to: copy)
      try damage(copy)
      do {
        _ = try CausalLanguageModel.load(folder: copy)
        return nil
      } catch let error as ModelError {
        return error
      } catch let error as SafetensorsError {
        return error
      }
    }
  }

  private func rewrite(
    _ folder: URL, _ change: (inout [(name: String, tensor: Tensor)]) -> Void
  ) throws {
    let url = folder.appending(path: "model.safetensors")
    let file = try SafetensorsFile(url)
    var tensors = try file.names.map { (name: $0, tensor: try file.tensor($0)) }
    change(&tensors)
    try SafetensorsFile.write(tensors, metadata: [:], to: url)
  }

  @Test func noConfiguration() throws {
    let error = try error(.llama2) {
      try FileManager.default.removeItem(at: $0.appending(path: "config.json"))
    }
    #expect((error as? ModelError)?.kind == .unreadable)
    #expect(error?.description.hasSuffix("model/config.json: there is no such file") == true)
  }

  @Test func noWeights() throws {
    let error = try error(.llama2) {
      try FileManager.default.moveItem(
        at: $0.appending(path: "model.safetensors"),
        to: $0.appending(path: "pytorch_model.bin"))
    }
    #expect((error as? ModelError)?.kind == .unreadable)
    #expect(error?.description.contains("pytorch_model.bin") == true)
    #expect(error?.description.contains("model.safetensors.index.json") == true)
  }

  @Test func truncatedWeights() throws {
    let error = try error(.llama2) { folder in
      let url = folder.appending(path: "model.safetensors")
      try Data(contentsOf: url).dropLast(100).write(to: url)
    }
    #expect((error as? SafetensorsError)?.kind == .inconsistentLayout)
    #expect(error?.description.contains("model.safetensors") == true)
  }

  @Test func truncatedConfiguration() throws {
    let error = try error(.llama2) { folder in
      let url = folder.appending(path: "config.json")
      try Data(contentsOf: url).prefix(120).write(to: url)
    }
    #expect((error as? ModelError)?.kind == .malformed)
    #expect(error?.description.contains("config.json: line ") == true)
  }

  @Test func missingTensor() throws {
    let error = try error(.llama2) { folder in
      try rewrite(folder) { $0.removeAll { $0.name == "model.layers.1.mlp.up_proj.weight" } }
    }
    #expect((error as? ModelError)?.kind == .missingTensor)
    #expect(error?.description.contains("model.layers.1.mlp.up_proj.weight") == true)
    #expect(error?.description.contains("[24, 16]") == true)
  }

  @Test func unexpectedTensor() throws {
    let error = try error(.llama2) { folder in
      try rewrite(folder) { $0.append(("model.layers.2.mlp.up_proj.weight", .zeros([24, 16]))) }
    }
    #expect((error as? ModelError)?.kind == .unexpectedTensor)
    #expect(error?.description.contains("model.layers.2.mlp.up_proj.weight") == true)
  }

  @Test func rotaryFrequenciesOfOldCheckpointsAreNoError() throws {
    let error = try error(.llama2) { folder in
      try rewrite(folder) {
        $0.append(("model.layers.0.self_attn.rotary_emb.inv_freq", .zeros([2])))
      }
    }
    #expect(error == nil)
  }

  @Test func shapeMismatch() throws {
    let error = try error(.llama2) { folder in
      try rewrite(folder) { tensors in
        for index in tensors.indices where tensors[index].name == "lm_head.weight" {
          tensors[index].tensor = .zeros([63, 16])
        }
      }
    }
    #expect((error as? ModelError)?.kind == .mismatchedTensor)
    for part in ["model.safetensors", "lm_head.weight", "[63, 16]", "[64, 16]"] {
      #expect(error?.description.contains(part) == true, "\(part)")
    }
  }

  @Test func integerWeights() throws {
    let error = try error(.llama2) { folder in
      try rewrite(folder) { tensors in
        for index in tensors.indices where tensors[index].name == "lm_head.weight" {
          tensors[index].tensor = .zeros([64, 16], dtype: .int8)
        }
      }
    }
    #expect((error as? ModelError)?.kind == .mismatchedTensor)
    #expect(error?.description.contains("int8") == true)
  }

  @Test func missingShard() throws {
    let shard = "model-00002-of-00002.safetensors"
    let error = try error(.llama3) {
      try FileManager.default.removeItem(at: $0.appending(path: shard))
    }
    #expect((error as? ModelError)?.kind == .unreadable)
    #expect(error?.description.contains(shard) == true)
    #expect(error?.description.contains("model.safetensors.index.json") == true)
  }

  @Test func tensorInAnotherShardThanTheIndexSays() throws {
    let error = try error(.llama3) { folder in
      let url = folder.appending(path: "model.safetensors.index.json")
      let text = try String(contentsOf: url, encoding: .utf8)
      let line = "\"model.norm.weight\": \"model-0000"
      try text.replacing("\(line)2", with: "\(line)1").write(
        to: url, atomically: true, encoding: .utf8)
    }
    #expect((error as? ModelError)?.kind == .missingTensor)
    #expect(error?.description.contains("model.norm.weight") == true)
    #expect(error?.description.contains("model-00001-of-00002.safetensors") == true)
  }

  @Test(arguments: ["[]", "{}", "{\"weight_map\": {}}", "{\"weight_map\": {\"a\": \"../b\"}}"])
  func malformedIndex(_ text: String) throws {
    let error = try error(.llama3) {
      try text.write(
        to: $0.appending(path: "model.safetensors.index.json"), atomically: true, encoding: .utf8)
    }
    #expect((error as? ModelError)?.kind == .malformed)
    #expect(error?.description.contains("weight_map") == true)
  }

  @Test func absentDevice() {
    let error = #expect(throws: ModelError.self) {
      try CausalLanguageModel.load(folder: Fixture.llama2.folder, device: .cuda(1000))
    }
    #expect(error?.kind == .unavailableDevice)
  }
}
