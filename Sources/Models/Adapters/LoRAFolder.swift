import Foundation
import JSON

/// An adapter's folder as PEFT writes it: `adapter_config.json` and `adapter_model.safetensors`.
public struct LoRAFolder: Sendable {
  /// Where it lies.
  public let url: URL
  /// How the adapter was made.
  public let configuration: LoRAConfiguration
  /// The model that it belongs to, `base_model_name_or_path`: a folder, or a name on a hub; nil where the
  /// file does not say.
  public let baseModel: String?

  static let configurationName = "adapter_config.json"

  /// Whether a folder has an adapter and no model of its own.
  public static func isOne(_ url: URL) -> Bool {
    let exists: (String) -> Bool = {
      FileManager.default.fileExists(atPath: url.appending(path: $0).path)
    }
    return exists(configurationName) && !exists(ModelConfiguration.fileName)
  }

  /// Reads `adapter_config.json`.
  ///
  /// - Throws: `ModelError` naming the file and the key: an adapter of another kind than plain LoRA on
  ///   linear maps is refused with the name of what it has more.
  public init(_ url: URL) throws {
    let file = url.appending(path: Self.configurationName)
    let document = try JSONValue(file: file)
    let reader = try ConfigurationReader(document, path: file.path)
    self.url = url
    baseModel = try reader.string("base_model_name_or_path")
    try Self.refuseOtherKinds(reader, document)
    let dropout = try reader.number("lora_dropout") ?? 0
    guard (0..<1).contains(dropout) else {
      throw reader.error(
        .malformed, "lora_dropout is \(dropout), expected 0 or more and less than 1")
    }
    var configuration = try LoRAConfiguration(
      rank: try reader.positive("r"), alpha: try reader.positiveNumber("lora_alpha"),
      targets: try Self.targets(reader), layers: try Self.layers(reader), dropout: dropout,
      usesRankStabilizedScaling: try reader.bool("use_rslora", default: false))
    configuration.passesOverUnknownTargets = true
    self.configuration = configuration
  }

  private static func targets(_ reader: ConfigurationReader) throws -> LoRATargets {
    let expected = "a list of module names, a regular expression, or all-linear"
    switch reader.value("target_modules") {
    case nil: throw reader.error(.missingKey, "there is no target_modules, expected \(expected)")
    case .string(LoRATargets.allLinearName): return .allLinear
    case .string(let pattern): return .pattern(pattern)
    case .array(let names) where !names.isEmpty && names.allSatisfy { $0.string != nil }:
      return LoRATargets(names.compactMap(\.string))
    case let value?: throw reader.wrongType("target_modules", value, expected: expected)
    }
  }

  private static func layers(_ reader: ConfigurationReader) throws -> Set<Int>? {
    let key = "layers_to_transform"
    guard let value = reader.value(key) else { return nil }
    if let layer = value.int { return [layer] }
    guard case .array(let values) = value, !values.isEmpty,
      values.allSatisfy({ $0.int != nil })
    else {
      throw reader.wrongType(key, value, expected: "a layer's number or a list of them")
    }
    return Set(values.compactMap(\.int))
  }

  // Keys that say nothing about what a finished adapter computes: where it comes from, how its values were
  // first set, and settings of parts that are refused by other keys.
  private static let keysWithoutEffect: Set<String> = [
    "auto_mapping", "base_model_name_or_path", "corda_config", "ensure_weight_tying", "eva_config",
    "inference_mode", "loftq_config", "lora_ga_config", "megatron_core", "peft_version",
    "qalora_group_size", "revision", "runtime_config",
  ]
  private static let keysRead: Set<String> = [
    "bias", "init_lora_weights", "layers_pattern", "layers_to_transform", "lora_alpha",
    "lora_dropout", "peft_type", "r", "target_modules", "task_type", "use_rslora",
  ]
  // Ways to set first values after which the base's weights are as they were. The others (PiSSA, OLoRA,
  // CorDA, LoftQ) change them, so that the adapter alone does not say what the model is.
  private static let initializations: Set<String> = ["gaussian", "eva", "orthogonal"]

  private static func refuseOtherKinds(
    _ reader: ConfigurationReader, _ document: JSONValue
  ) throws {
    func require(_ key: String, _ accepted: [JSONValue], expected: String) throws {
      guard let value = reader.value(key), !accepted.contains(value) else { return }
      throw reader.unsupported(key, value.summary, expected: expected)
    }
    guard reader.value("peft_type") != nil else {
      throw reader.error(.missingKey, "there is no peft_type, expected \"LORA\"")
    }
    try require("peft_type", ["LORA"], expected: "\"LORA\"")
    try require("task_type", ["CAUSAL_LM"], expected: "\"CAUSAL_LM\" or null")
    try require("bias", ["none"], expected: "\"none\"")
    try require(
      "layers_pattern", ["layers", .array(["layers"]), .array([])], expected: "\"layers\" or null")
    try require(
      "init_lora_weights", [true, false] + initializations.map { .string($0) },
      expected: "true, false, or one of " + initializations.sorted().joined(separator: ", "))
    guard case .object(let members) = document else { return }
    let without: [JSONValue] = [.null, false, .array([]), [:]]
    for member in members.members
    where !keysWithoutEffect.contains(member.key) && !keysRead.contains(member.key)
      && !without.contains(member.value)
    {
      throw reader.unsupported(
        member.key, member.value.summary, expected: "plain LoRA on linear maps, without it")
    }
  }
}

extension LoRAConfiguration {
  /// `adapter_config.json` with the keys that PEFT and vLLM read.
  ///
  /// - Parameter modules: the names of all adapted linear maps.
  func document(baseModel: String, modules: [String]) -> JSONValue {
    let targetModules: JSONValue =
      switch targets {
      case .allLinear: .array(Self.shortNames(modules).map { .string($0) })
      case .names(let names): .array(names.map { .string($0) })
      case .pattern(let pattern): .string(pattern)
      }
    var document = JSONValue.object(JSONObject())
    document["base_model_name_or_path"] = .string(baseModel)
    document["bias"] = "none"
    document["fan_in_fan_out"] = false
    document["inference_mode"] = true
    document["init_lora_weights"] = true
    document["layers_pattern"] = .null
    document["layers_to_transform"] =
      layers.map { .array($0.sorted().map(JSONValue.int)) } ?? .null
    document["lora_alpha"] = Int(exactly: alpha).map(JSONValue.int) ?? .double(alpha)
    document["lora_dropout"] = .double(dropout)
    document["modules_to_save"] = .null
    document["peft_type"] = "LORA"
    document["r"] = .int(rank)
    document["target_modules"] = targetModules
    document["task_type"] = "CAUSAL_LM"
    document["use_dora"] = false
    document["use_rslora"] = .bool(usesRankStabilizedScaling)
    return document
  }
}
