import Foundation
import Models
import Torch

/// The content of `preference.json`.
struct PreferenceRecord: Codable, Equatable {
  /// The version of this layout.
  static let currentVersion = 1
  static let fileName = "preference.json"

  var version = PreferenceRecord.currentVersion
  let head: PreferenceHead.Kind
  let encoder: EncoderIdentity
  /// The file beside this one that holds the head's weights.
  let weights: String
}

extension PreferenceModel {
  /// Writes `preference.json` and the head's weights into `folder`, which is made where it is not
  /// there. The encoder is not written, only what identifies it.
  ///
  /// The weights' file is named by their hash and `preference.json`, which names it, is replaced last
  /// in one step: a kill at any moment leaves the old model or the new one.
  ///
  /// - Throws: `PreferenceError.unwritable` or `SafetensorsError`, naming the file.
  public func save(to folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw PreferenceError.unwritable(
        file: folder.path, problem: "the folder cannot be made: \(error.localizedDescription)")
    }
    var tensors = head.parameters
    if let scaling = head.scaling {
      tensors += [("features.mean", scaling.mean), ("features.deviation", scaling.deviation)]
    }
    let hash = fingerprint(configuration: head.kind.rawValue, parameters: tensors)
    let record = PreferenceRecord(
      head: head.kind, encoder: encoder.identity, weights: "head-\(hash).safetensors")
    try SafetensorsFile.write(tensors, to: folder.appending(path: record.weights))
    let json = JSONEncoder()
    json.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = folder.appending(path: PreferenceRecord.fileName)
    do {
      try json.encode(record).write(to: file, options: .atomic)
    } catch {
      throw PreferenceError.unwritable(
        file: file.path, problem: "cannot be written: \(error.localizedDescription)")
    }
    try removeWeights(in: folder, except: record.weights)
  }

  private func removeWeights(in folder: URL, except current: String) throws {
    let files = FileManager.default
    do {
      for name in try files.contentsOfDirectory(atPath: folder.path)
      where name.hasPrefix("head-") && name.hasSuffix(".safetensors") && name != current {
        try files.removeItem(at: folder.appending(path: name))
      }
    } catch {
      throw PreferenceError.unwritable(
        file: folder.path,
        problem: "weights of an earlier model cannot be removed: \(error.localizedDescription)")
    }
  }

  /// Reads a model that was trained on the features of `encoder`.
  ///
  /// - Throws: `PreferenceError.anotherEncoder` when it was trained on another's,
  ///   `PreferenceError.unreadable` or `SafetensorsError` when a file is missing or damaged.
  public static func load(folder: URL, encoder: any PrefixEncoder) throws -> PreferenceModel {
    try PreferenceModel(folder: folder, record: record(in: folder), encoder: encoder)
  }

  /// Reads a model whose encoder is a frozen causal language model, with the layer that it was
  /// trained on.
  ///
  /// - Parameter model: the language model; it must not be trained afterwards.
  /// - Throws: as for any encoder.
  public static func load(
    folder: URL, causal model: CausalLanguageModel,
    batchTokens: Int = CausalPrefixEncoder.defaultBatchTokens
  ) throws -> PreferenceModel {
    let record = try record(in: folder)
    let name = record.encoder.options[CausalPrefixEncoder.Layer.key]
    guard record.encoder.kind == CausalPrefixEncoder.kind,
      let layer = name.flatMap(CausalPrefixEncoder.Layer.init(rawValue:))
    else {
      throw PreferenceError.anotherEncoder(
        folder: folder.path,
        difference: "the kind is \(CausalPrefixEncoder.kind), expected \(record.encoder.kind)"
          + (name.map { " (encoder-layer \($0))" } ?? ""))
    }
    return try PreferenceModel(
      folder: folder, record: record,
      encoder: CausalPrefixEncoder(
        model, layer: layer,
        likelihoods: record.encoder.options[CausalPrefixEncoder.likelihoodsKey] != nil,
        batchTokens: batchTokens))
  }

  private init(folder: URL, record: PreferenceRecord, encoder: any PrefixEncoder) throws {
    if let difference = encoder.identity.difference(from: record.encoder) {
      throw PreferenceError.anotherEncoder(folder: folder.path, difference: difference)
    }
    let url = folder.appending(path: record.weights)
    let file = try SafetensorsFile(url)
    func tensor(_ name: String, _ shape: [Int?]) throws -> Tensor {
      let tensor = try file.tensor(name)
      let fits =
        tensor.shape.count == shape.count && tensor.dtype.isFloatingPoint
        && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
      guard fits else {
        let expected = shape.map { $0.map { "\($0)" } ?? "any" }.joined(separator: ", ")
        throw PreferenceError.unreadable(
          file: url.path,
          problem: "the tensor \"\(name)\" has shape \(tensor.shape) and type \(tensor.dtype), "
            + "expected [\(expected)] of a floating-point type")
      }
      // A copy of its own, so that the file may be replaced while the model is in use.
      return try tensor.to(.float32).cloned().to(encoder.device)
    }
    let width = encoder.identity.width
    let input = PreferenceHead.inputWidth(
      record.head, width: width, arrangement: encoder.identity.arrangement)
    let bias = try tensor("mlp.0.bias", [nil])
    let hidden = bias.count
    let isScaled = file.names.contains("features.mean")
    try self.init(
      encoder: encoder,
      head: PreferenceHead(
        kind: record.head, firstWeight: tensor("mlp.0.weight", [hidden, input]), firstBias: bias,
        secondWeight: tensor("mlp.2.weight", [1, hidden]), secondBias: tensor("mlp.2.bias", [1]),
        scaling: isScaled
          ? FeatureScaling(
            mean: tensor("features.mean", [width]), deviation: tensor("features.deviation", [width])
          )
          : nil))
  }

  /// What identifies the encoder of the model in `folder`.
  ///
  /// - Throws: `PreferenceError.unreadable` when there is no preference model.
  public static func encoderIdentity(in folder: URL) throws -> EncoderIdentity {
    try record(in: folder).encoder
  }

  private static func record(in folder: URL) throws -> PreferenceRecord {
    let file = folder.appending(path: PreferenceRecord.fileName)
    func unreadable(_ problem: String) -> PreferenceError {
      .unreadable(file: file.path, problem: problem)
    }
    let data: Data
    do { data = try Data(contentsOf: file) } catch {
      throw unreadable(
        "cannot be read: \(error.localizedDescription); `laconic preference train` writes it")
    }
    let record: PreferenceRecord
    do { record = try JSONDecoder().decode(PreferenceRecord.self, from: data) } catch {
      throw unreadable("is not the record of a preference model: \(Self.words(for: error))")
    }
    guard record.version == PreferenceRecord.currentVersion else {
      throw unreadable(
        "has version \(record.version), expected \(PreferenceRecord.currentVersion)")
    }
    guard record.weights == URL(filePath: record.weights).lastPathComponent else {
      throw unreadable("weights is \"\(record.weights)\", expected a file's name without a folder")
    }
    return record
  }

  private static func words(for error: any Error) -> String {
    func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
    return switch error {
    case DecodingError.keyNotFound(let key, let context):
      "the key \(path(context.codingPath + [key])) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(path(context.codingPath)): \(context.debugDescription)"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "\(path(context.codingPath)): \(context.debugDescription)"
    default: "it is not JSON"
    }
  }
}
