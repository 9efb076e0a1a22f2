import Foundation
import JSON
import Torch

/// The tensors of a model folder: one safetensors file, or several with an index.
struct Checkpoint {
  static let fileName = "model.safetensors"
  static let indexName = "model.safetensors.index.json"

  static let adapterName = "adapter_model.safetensors"

  private let files: [SafetensorsFile]
  private let paths: [String]
  private let fileOfTensor: [String: Int]
  /// What says which tensors there are.
  private let description: String

  /// Every tensor's name, in byte order within its file.
  let names: [String]

  /// Opens the folder's files. Like transformers, takes `model.safetensors` where both are there.
  ///
  /// - Throws: `ModelError` or `SafetensorsError` naming the file.
  init(folder: URL) throws {
    let single = folder.appending(path: Self.fileName)
    let index = folder.appending(path: Self.indexName)
    if FileManager.default.fileExists(atPath: single.path) {
      try self.init(files: [single])
    } else if FileManager.default.fileExists(atPath: index.path) {
      try self.init(index: index, in: folder)
    } else {
      throw Self.noWeights(in: folder, expected: "\(Self.fileName) or \(Self.indexName)")
    }
  }

  /// Opens an adapter's file.
  ///
  /// - Throws: `ModelError` or `SafetensorsError` naming the file.
  init(adapter folder: URL) throws {
    let file = folder.appending(path: Self.adapterName)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw Self.noWeights(in: folder, expected: Self.adapterName)
    }
    try self.init(files: [file], describedBy: "the model and \(LoRAFolder.configurationName)")
  }

  private init(
    files urls: [URL], describedBy description: String = ModelConfiguration.fileName
  ) throws {
    let files = try urls.map { try SafetensorsFile($0) }
    var fileOfTensor: [String: Int] = [:]
    for (number, file) in files.enumerated() {
      for name in file.names {
        if let earlier = fileOfTensor[name] {
          throw ModelError(
            kind: .unexpectedTensor, path: urls[number].path,
            problem:
              "the tensor \"\(name)\" is also in \(urls[earlier].lastPathComponent), expected it "
              + "once")
        }
        fileOfTensor[name] = number
      }
    }
    self.files = files
    self.description = description
    self.fileOfTensor = fileOfTensor
    paths = urls.map(\.path)
    names = files.flatMap(\.names)
  }

  private init(index: URL, in folder: URL) throws {
    let document = try JSONValue(file: index)
    func malformed(_ problem: String) -> ModelError {
      ModelError(kind: .malformed, path: index.path, problem: problem)
    }
    guard let map = document["weight_map"]?.object?.members, !map.isEmpty else {
      throw malformed("expected an object weight_map with the file of every tensor")
    }
    var shards: [String] = []
    for entry in map {
      guard case .string(let shard) = entry.value, !shard.contains("/") else {
        throw malformed(
          "weight_map.\(entry.key) is \(entry.value.summary), expected the name of a file in "
            + "the folder")
      }
      if !shards.contains(shard) { shards.append(shard) }
    }
    for shard in shards {
      let url = folder.appending(path: shard)
      guard FileManager.default.fileExists(atPath: url.path) else {
        let tensors = map.filter { $0.value == .string(shard) }
        throw ModelError(
          kind: .unreadable, path: url.path,
          problem:
            "there is no such file; \(Self.indexName) places \(tensors.count) tensors in it, "
            + "\"\(tensors[0].key)\" for one")
      }
    }
    try self.init(files: shards.map { folder.appending(path: $0) })
    for entry in map {
      guard case .string(let shard) = entry.value, let number = fileOfTensor[entry.key],
        paths[number] == folder.appending(path: shard).path
      else {
        throw ModelError(
          kind: .missingTensor, path: folder.appending(path: entry.value.string ?? "").path,
          problem: "there is no tensor \"\(entry.key)\" in it, but \(Self.indexName) says so")
      }
    }
  }

  func contains(_ name: String) -> Bool { fileOfTensor[name] != nil }

  /// The path of the file that has a tensor.
  func path(of name: String) -> String? { fileOfTensor[name].map { paths[$0] } }

  /// A tensor of the wanted shape, mapped from its file.
  ///
  /// - Throws: `ModelError` when there is none, or it has another shape or is not of a floating-point
  ///   type.
  func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    guard let number = fileOfTensor[name] else {
      throw ModelError(
        kind: .missingTensor, path: paths.joined(separator: ", "),
        problem: "there is no tensor \"\(name)\", expected one of shape \(shape)")
    }
    let file = files[number]
    let found = file.shape(of: name)
    guard found == shape else {
      throw ModelError(
        kind: .mismatchedTensor, path: paths[number],
        problem:
          "the tensor \"\(name)\" has shape \(found ?? []), expected \(shape) from "
          + description)
    }
    let tensor = try file.tensor(name)
    guard tensor.dtype.isFloatingPoint else {
      throw ModelError(
        kind: .mismatchedTensor, path: paths[number],
        problem:
          "the tensor \"\(name)\" is of type \(tensor.dtype), expected a floating-point type")
    }
    return tensor
  }

  private static func noWeights(in folder: URL, expected: String) -> ModelError {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let other = names.sorted().first {
      $0.hasPrefix("pytorch_model") || $0.hasSuffix(".gguf") || $0 == "adapter_model.bin"
    }
    let found = other.map { "there is \($0), which is not read" } ?? "there are no weights"
    let remedy = other == nil ? "" : "; save_pretrained of transformers or peft converts it"
    return ModelError(
      kind: .unreadable, path: folder.path, problem: "\(found), expected \(expected)\(remedy)")
  }
}
