import Foundation
import JSON
import Testing
import Torch

@testable import Models

/// Adapter folders that cannot be used, and what the error says.
@Suite("Damaged adapter folders")
struct AdapterFolderTests {
  /// A copy of a fixture's adapter, changed by `damage`, then put on `base`.
  private func error(
    _ fixture: AdapterFixture = .llama3, on base: AdapterFixture? = nil,
    damage: (URL) throws -> Void = { _ in }
  ) throws -> ModelError {
    try withTemporaryFolder { folder in
      let copy = folder.appending(path: "adapter")
      try FileManager.default.copyItem(at: fixture.folder, to: copy)
      try damage(copy)
      let model = try (base ?? fixture).base()
      let error = #expect(throws: ModelError.self) { try model.loadAdapter(LoRAFolder(copy)) }
      #expect(model.adapter == nil)
      return try #require(error)
    }
  }

  /// The error where keys of `adapter_config.json` have other values; nil takes a key out.
  private func error(_ changes: [String: JSONValue?]) throws -> ModelError {
    try error { folder in
      let file = folder.appending(path: LoRAFolder.configurationName)
      var document = try JSONValue(file: file)
      for (key, value) in changes { document[key] = value }
      try Data(document.prettyPrinted.utf8).write(to: file)
    }
  }

  @Test func keysAreNamed() throws {
    let cases: [(changes: [String: JSONValue?], kind: ModelError.Kind, named: [String])] = [
      (["r": 0], .malformed, ["r is 0", "positive integer"]),
      (["r": nil], .missingKey, ["r", "positive integer"]),
      (["lora_alpha": "8"], .malformed, ["lora_alpha is \"8\""]),
      (["lora_dropout": 1.0], .malformed, ["lora_dropout is 1.0", "less than 1"]),
      (["target_modules": nil], .missingKey, ["target_modules"]),
      (["target_modules": 3], .malformed, ["target_modules is 3", "a list of module names"]),
      (["target_modules": "(q_proj"], .unsupported, ["(q_proj", "no regular expression"]),
      (["target_modules": #"(\w+\.?)+!"#], .unsupported, [#"(\w+\.?)+!"#, "too many steps"]),
      (["target_modules": "q_proj)|(?:v_proj"], .unsupported, ["no regular expression"]),
      (["target_modules": "c_attn"], .unsupported, ["c_attn", "q_proj"]),
      (["layers_to_transform": .array([7])], .unsupported, ["layer 7", "2 layers"]),
      (["peft_type": "ADALORA"], .unsupported, ["peft_type is \"ADALORA\"", "LORA"]),
      (["peft_type": nil], .missingKey, ["peft_type"]),
      (["task_type": "SEQ_CLS"], .unsupported, ["task_type is \"SEQ_CLS\""]),
      (["bias": "lora_only"], .unsupported, ["bias is \"lora_only\""]),
      (["use_dora": true], .unsupported, ["use_dora is true"]),
      (
        ["modules_to_save": .array(["lm_head"])], .unsupported,
        ["modules_to_save is [\"lm_head\"]"]
      ),
      (["init_lora_weights": "pissa"], .unsupported, ["init_lora_weights is \"pissa\"", "eva"]),
      (["a_new_kind": 2], .unsupported, ["a_new_kind is 2"]),
    ]
    for (changes, kind, named) in cases {
      let error = try error(changes)
      #expect(error.kind == kind, "\(error)")
      #expect(named.allSatisfy(error.description.contains), "\(error)")
    }
  }

  /// As peft does where others fit.
  @Test func namesThatFitNoModuleArePassedOver() throws {
    try withTemporaryFolder { folder in
      let copy = folder.appending(path: "adapter")
      try FileManager.default.copyItem(at: AdapterFixture.llama3.folder, to: copy)
      let file = copy.appending(path: LoRAFolder.configurationName)
      var document = try JSONValue(file: file)
      document["target_modules"] = .array(["c_attn", "v_proj", "q_proj"])
      try Data(document.prettyPrinted.utf8).write(to: file)
      let model = try AdapterFixture.llama3.base()
      try model.loadAdapter(LoRAFolder(copy))
      #expect(model.adapter?.linears.count == 4)
    }
  }

  @Test func anAdapterForAnotherBaseIsRefused() throws {
    // Keys and values of another width.
    let error = try error(.llama2, on: .qwen2)
    #expect(error.kind == .mismatchedTensor)
    #expect(error.problem.contains("self_attn.k_proj.lora_B"))
    #expect(error.problem.contains("shape [16, 4], expected [8, 4]"))
  }

  @Test func missingAndSurplusTensorsAreNamed() throws {
    func rewrite(_ change: (inout [(name: String, tensor: Tensor)]) -> Void) throws -> ModelError {
      try self.error { folder in
        let file = folder.appending(path: "adapter_model.safetensors")
        let stored = try SafetensorsFile(file)
        var tensors = try stored.names.map { (name: $0, tensor: try stored.tensor($0).cloned()) }
        change(&tensors)
        try SafetensorsFile.write(tensors, to: file)
      }
    }
    let missing = try rewrite { tensors in
      tensors.removeAll { $0.name.contains("layers.1.self_attn.v_proj.lora_B") }
    }
    #expect(missing.kind == .missingTensor)
    #expect(missing.problem.contains("layers.1.self_attn.v_proj.lora_B.weight"))
    let surplus = try rewrite {
      $0.append(("base_model.model.lm_head.lora_A.weight", .zeros([2, 16])))
    }
    #expect(surplus.kind == .unexpectedTensor)
    #expect(surplus.problem.contains("base_model.model.lm_head.lora_A.weight"))
    let otherRank = try error(["r": 4])
    #expect(otherRank.kind == .mismatchedTensor)
    #expect(otherRank.problem.contains("expected [4, 16]"))
    #expect(otherRank.problem.contains("adapter_config.json"))
    #expect(try error(["r": 1_000_000_000_000]).kind == .mismatchedTensor)
  }

  @Test func missingFilesAreNamed() throws {
    let weights = try error {
      try FileManager.default.moveItem(
        at: $0.appending(path: "adapter_model.safetensors"),
        to: $0.appending(path: "adapter_model.bin"))
    }
    #expect(weights.kind == .unreadable)
    #expect(weights.problem.contains("adapter_model.bin, which is not read"))
    let configuration = try error {
      try FileManager.default.removeItem(at: $0.appending(path: "adapter_config.json"))
    }
    #expect(configuration.kind == .unreadable)
    #expect(configuration.path.hasSuffix("adapter_config.json"))
  }
}
