import Foundation
import Testing
import Torch

@testable import Models

@Suite("Saving and loading")
struct SavingTests {
  @Test(arguments: Fixture.allCases)
  func roundTrip(_ fixture: Fixture) throws {
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    try withTemporaryFolder { folder in
      let target = folder.appending(path: "new/model")
      try model.save(to: target)
      let loaded = try CausalLanguageModel.load(folder: target)
      #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
      for (own, saved) in zip(model.parameters, loaded.parameters) {
        #expect(own.tensor.floats == saved.tensor.floats, "\(own.name)")
      }
      #expect(loaded.configuration.eosTokenIDs == model.configuration.eosTokenIDs)
      let file = try SafetensorsFile(target.appending(path: "model.safetensors"))
      #expect(file.metadata == ["format": "pt"])
      #expect(Set(file.names) == Set(model.parameters.map(\.name)))
      let left = try FileManager.default.contentsOfDirectory(atPath: target.path)
      #expect(left.allSatisfy { !$0.hasPrefix(".") }, "temporary files were left: \(left)")
    }
  }

  /// Nothing but the element type changes in the configuration, key for key and digit for digit.
  @Test(arguments: Fixture.allCases)
  func configurationIsPreserved(_ fixture: Fixture) throws {
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    let stored = try #require(model.configuration.storedDType)
    try withTemporaryFolder { folder in
      try model.save(to: folder, dtype: stored)
      let name = "config.json"
      #expect(
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
          == String(contentsOf: fixture.folder.appending(path: name), encoding: .utf8))
      try model.save(to: folder, dtype: .float64)
      let changed = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      #expect(
        try changed.replacing("\"float64\"", with: "\"\(stored)\"")
          == String(contentsOf: fixture.folder.appending(path: name), encoding: .utf8))
    }
  }

  @Test func generationConfigurationIsPreserved() throws {
    let model = try CausalLanguageModel.load(folder: Fixture.llama2.folder)
    let name = "generation_config.json"
    try withTemporaryFolder { folder in
      try model.save(to: folder)
      #expect(
        try Data(contentsOf: folder.appending(path: name))
          == Data(contentsOf: Fixture.llama2.folder.appending(path: name)))
    }
  }

  /// Weights stored in half precision come back bit for bit after a pass through single precision.
  @Test(arguments: [Fixture.qwen2, .qwen3, .smollm2])
  func halfPrecisionWeightsAreKept(_ fixture: Fixture) throws {
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    #expect(model.dtype == .float32)
    try withTemporaryFolder { folder in
      try model.save(to: folder, dtype: model.configuration.storedDType)
      let original = try SafetensorsFile(fixture.folder.appending(path: "model.safetensors"))
      let saved = try SafetensorsFile(folder.appending(path: "model.safetensors"))
      #expect(saved.names == original.names)
      for name in original.names {
        #expect(saved.dtype(of: name) == original.dtype(of: name))
        #expect(try saved.tensor(name).floats == original.tensor(name).floats, "\(name)")
      }
    }
  }

  @Test(arguments: Fixture.allCases, [DType.bfloat16, .float16])
  func computesInHalfPrecision(_ fixture: Fixture, _ dtype: DType) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.folder, dtype: dtype)
    let hidden = withoutGradients { model.hiddenStates(Tensor(rows: expected.ids)) }
    #expect(hidden.dtype == dtype)
    let logits = model.logits(hidden: hidden)
    // Another order of the same roundings may be off by as much again as transformers' own.
    let rounding = try #require(expected.roundings["\(dtype)"])
    #expect(
      largestDifference(logits, expected.logits, "\(fixture) in \(dtype)") < 2 * rounding)
  }

  @Test func computesInDoublePrecision() throws {
    let expected = try Fixture.qwen3.expected()
    let model = try CausalLanguageModel.load(folder: Fixture.qwen3.folder, dtype: .float64)
    let logits = withoutGradients {
      model.logits(hidden: model.hiddenStates(Tensor(rows: expected.ids)))
    }
    #expect(logits.dtype == .float64)
    #expect(largestDifference(logits, expected.logits, "qwen3 in float64") < 1e-4)
  }

  /// A tied output weight that the file has all the same, as some tools write it.
  @Test func tiedOutputInTheFile() throws {
    try withTemporaryFolder { folder in
      let source = Fixture.qwen2.folder
      let name = "config.json"
      try FileManager.default.copyItem(
        at: source.appending(path: name), to: folder.appending(path: name))
      let file = try SafetensorsFile(source.appending(path: "model.safetensors"))
      var tensors = try file.names.map { (name: $0, tensor: try file.tensor($0)) }
      let embedding = try file.tensor("model.embed_tokens.weight")
      tensors.append(("lm_head.weight", embedding))
      let target = folder.appending(path: "model.safetensors")
      try SafetensorsFile.write(tensors, metadata: [:], to: target)
      let model = try CausalLanguageModel.load(folder: folder)
      #expect(model.outputWeight === model.parameters[0].tensor)

      tensors[tensors.count - 1].tensor = embedding + 1
      try SafetensorsFile.write(tensors, metadata: [:], to: target)
      let error = #expect(throws: ModelError.self) {
        try CausalLanguageModel.load(folder: folder)
      }
      #expect(error?.kind == .unexpectedTensor)
      #expect(error?.problem.contains("tie_word_embeddings") == true)
    }
  }

  @Test func unwritableFolder() throws {
    let model = try CausalLanguageModel.load(folder: Fixture.llama2.folder)
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "file")
      try Data("kept".utf8).write(to: file)
      let error = #expect(throws: ModelError.self) {
        try model.save(to: file.appending(path: "model"))
      }
      #expect(error?.kind == .unwritable)
      #expect(error?.path == file.appending(path: "model").path)
      #expect(try String(contentsOf: file, encoding: .utf8) == "kept")
    }
  }

  @Test func somethingInTheWay() throws {
    let model = try CausalLanguageModel.load(folder: Fixture.llama2.folder)
    try withTemporaryFolder { folder in
      let inTheWay = folder.appending(path: "config.json/kept")
      try FileManager.default.createDirectory(at: inTheWay, withIntermediateDirectories: true)
      let error = #expect(throws: ModelError.self) { try model.save(to: folder) }
      #expect(error?.kind == .unwritable)
      #expect(error?.path == folder.appending(path: "config.json").path)
      #expect(error?.problem.hasPrefix("could not rename: ") == true)
      // No temporary file, and no weights without a configuration.
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(left == ["config.json", "generation_config.json"])
    }
  }

  @Test func tokenizerFiles() throws {
    try withTemporaryFolder { folder in
      let source = folder.appending(path: "source")
      let target = folder.appending(path: "deep/target")
      try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
      for name in ["tokenizer.json", "chat_template.jinja", "model.safetensors", "notes.txt"] {
        try Data(name.utf8).write(to: source.appending(path: name))
      }
      #expect(
        try copyTokenizerFiles(from: source, to: target)
          == ["tokenizer.json", "chat_template.jinja"])
      let copied = try FileManager.default.contentsOfDirectory(atPath: target.path).sorted()
      #expect(copied == ["chat_template.jinja", "tokenizer.json"])
      #expect(
        try Data(contentsOf: target.appending(path: "tokenizer.json"))
          == Data("tokenizer.json".utf8))
      #expect(try copyTokenizerFiles(from: target, to: target).count == 2)
    }
  }
}
