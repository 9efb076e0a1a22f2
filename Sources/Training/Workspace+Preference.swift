import Foundation
import Models
import PrefixPreference
import Settings
import Tokenizers

/// The encoder of the preference model, with what it keeps between runs.
struct PreferenceEncoder {
  let encoder: any PrefixEncoder
  private let cache: FeatureCache?

  init(_ encoder: any PrefixEncoder, cache: FeatureCache? = nil) {
    self.encoder = encoder
    self.cache = cache
  }

  /// Writes the features that were new.
  func save() throws { try cache?.save() }
}

extension Workspace {
  /// The frozen encoder of the preference model.
  ///
  /// - Parameter policy: the initial policy, which is the encoder where no other is named, and whose
  ///   tokens rollouts have.
  /// - Throws: errors of the encoder's folder, its tokenizer, and the feature cache.
  func preferenceEncoder(_ policy: LoadedModel) throws -> PreferenceEncoder {
    let settings = configuration.preferenceModel
    guard let path = settings.encoder else {
      return PreferenceEncoder(
        CausalPrefixEncoder(
          policy.model, layer: configuration.preference.encoderLayer,
          batchTokens: configuration.preference.encoderBatchTokens))
    }
    let folder = URL(filePath: path)
    let encoder = try TextEncoder.load(folder: folder, device: device)
    func made(_ cache: FeatureCache) throws -> TextPrefixEncoder {
      try TextPrefixEncoder(
        encoder, tokenizer: Tokenizer(folder: folder), policyTokenizer: policy.tokenizer,
        arrangement: settings.arrangement, pooling: settings.pooling,
        maximumTokens: settings.encoderMaximumTokens,
        batchTokens: configuration.preference.encoderBatchTokens, cache: cache)
    }
    guard let cachePath = settings.featureCache else {
      return PreferenceEncoder(try made(FeatureCache()))
    }
    let cacheFolder = URL(filePath: cachePath)
    try AtomicFile.createFolder(cacheFolder)
    let name = try made(FeatureCache()).identity.fingerprint
    let cache = try FeatureCache(
      file: cacheFolder.appending(path: "\(name)-\(settings.pooling.rawValue).safetensors"))
    return PreferenceEncoder(try made(cache), cache: cache)
  }

  /// The preference model of phase II; nil when the method needs none.
  ///
  /// - Throws: `SettingError` when the method needs one and the configuration names none.
  public func preferenceModel() throws -> PreferenceModel? {
    guard configuration.method.columns.contains(.preferences) else { return nil }
    guard let path = configuration.preferenceModel.path else {
      throw SettingError(
        "preference.path is missing: \(configuration.method.name) scores prefixes with a preference "
          + "model; train one with `laconic preference train`")
    }
    return try preferenceModel(in: URL(filePath: path), policy: model()).model
  }

  /// A trained preference model with its encoder.
  ///
  /// - Throws: `PreferenceError` when it was trained with another encoder.
  func preferenceModel(
    in folder: URL, policy: LoadedModel
  ) throws -> (model: PreferenceModel, encoder: PreferenceEncoder) {
    if configuration.preferenceModel.encoder == nil {
      // The layer is the one that the model was trained on.
      let model = try PreferenceModel.load(
        folder: folder, causal: policy.model,
        batchTokens: configuration.preference.encoderBatchTokens)
      return (model, PreferenceEncoder(model.encoder))
    }
    let encoder = try preferenceEncoder(policy)
    return (try PreferenceModel.load(folder: folder, encoder: encoder.encoder), encoder)
  }
}
