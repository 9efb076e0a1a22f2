import Foundation
import Models
import Settings

extension Workspace {
  /// The configured adapter: `adapter.path`, or `model.path` where that is an adapter's folder.
  ///
  /// - Throws: `ModelError` naming file and key; `SettingError` where both name one.
  func adapterFolder() throws -> LoRAFolder? {
    let named = configuration.model.path.map { URL(filePath: $0) }.flatMap {
      LoRAFolder.isOne($0) ? $0 : nil
    }
    guard let path = configuration.adapter.path else { return try named.map(LoRAFolder.init) }
    guard named == nil else {
      throw SettingError(
        "model.path (\(configuration.model.path ?? "")) and adapter.path (\(path)) both name an "
          + "adapter; expected the base model in model.path")
    }
    return try LoRAFolder(URL(filePath: path))
  }

  /// The folder of the model without adapters: the configured one, the one that a configured adapter
  /// belongs to, or the embedded model unpacked.
  ///
  /// - Throws: `SettingError` where the adapter's base is not there; `FileError` when the embedded model
  ///   cannot be unpacked.
  public func modelFolder() throws -> URL {
    let path = configuration.model.path.map { URL(filePath: $0) }
    if let path, !LoRAFolder.isOne(path) { return path }
    guard let adapter = try adapterFolder() else { return try EmbeddedModelFolder.unpacked() }
    return try Self.base(of: adapter)
  }

  /// Where tokenizer files and the chat template come from: as with transformers, an adapter's folder where
  /// it has them.
  ///
  /// - Throws: what `modelFolder` throws.
  public func tokenizerFolder() throws -> URL {
    if let adapter = try adapterFolder()?.url,
      FileManager.default.fileExists(atPath: adapter.appending(path: "tokenizer.json").path)
    {
      return adapter
    }
    return try modelFolder()
  }

  /// The folder that `base_model_name_or_path` names, seen from the working folder or the adapter's.
  private static func base(of adapter: LoRAFolder) throws -> URL {
    let remedy = "name the base model with --model and the adapter with --adapter"
    guard let name = adapter.baseModel else {
      throw SettingError(
        "\(adapter.url.path): adapter_config.json has no base_model_name_or_path; \(remedy)")
    }
    if URL(filePath: name).path == EmbeddedModelFolder.place.path {
      return try EmbeddedModelFolder.unpacked()
    }
    let candidates =
      [URL(filePath: name)] + (name.hasPrefix("/") ? [] : [adapter.url.appending(path: name)])
    let folder = candidates.first {
      FileManager.default.fileExists(atPath: $0.appending(path: "config.json").path)
    }
    guard let folder else {
      throw SettingError(
        "\(adapter.url.path): base_model_name_or_path is \"\(name)\", where no model folder is on this "
          + "machine; \(remedy)")
    }
    return folder.standardizedFileURL
  }

  /// The adapter that training makes or goes on from; nil where all weights are trained.
  ///
  /// - Throws: as `policy`.
  func trainedAdapter() throws -> LoRAConfiguration? {
    try adapterFolder()?.configuration ?? configuration.adapter.configuration()
  }

  /// The model as it is trained: as `model(from:)`, with a new adapter where the configuration asks for one.
  ///
  /// - Throws: typed errors naming file and cause; `SettingError` where the configuration describes another
  ///   adapter than the one that it names.
  public func policy(from folder: URL? = nil) throws -> LoadedModel {
    let model = try self.model(from: folder)
    guard let wanted = try configuration.adapter.configuration() else { return model }
    guard let adapter = model.model.adapter?.configuration else {
      try model.model.attachAdapter(wanted, seed: UInt64(configuration.run.seed))
      return model
    }
    let settings = configuration.adapter
    let modules = try wanted.modules(of: model.model.configuration)
    let differing: (key: String, wanted: String, found: String)? =
      if wanted.rank != adapter.rank {
        ("rank", "\(wanted.rank)", "\(adapter.rank)")
      } else if wanted.alpha != adapter.alpha {
        ("alpha", "\(wanted.alpha)", "\(adapter.alpha)")
      } else if try modules != adapter.modules(of: model.model.configuration) {
        ("targets", "\(settings.targets)", "others")
      } else if wanted.dropout != adapter.dropout {
        ("dropout", "\(wanted.dropout)", "\(adapter.dropout)")
      } else if wanted.usesRankStabilizedScaling != adapter.usesRankStabilizedScaling {
        ("use-rslora", "\(wanted.usesRankStabilizedScaling)", "the other scaling")
      } else {
        nil
      }
    if let (key, wanted, found) = differing {
      throw SettingError(
        "adapter.\(key) is \(wanted), but the adapter that training goes on from has \(found); without "
          + "adapter.rank, all settings are those of the adapter")
    }
    return model
  }
}
