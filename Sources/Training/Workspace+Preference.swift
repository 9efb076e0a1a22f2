import Foundation
import PrefixPreference
import Settings

extension Workspace {
  /// The frozen encoder of the preference model.
  ///
  /// - Parameters:
  ///   - policy: the initial policy, which is the encoder where no other is named, and whose tokens
  ///     rollouts have.
  ///   - keepingFeatures: whether a text encoder's features go to the feature cache's file. Those of a
  ///     policy's ever new rollouts would only fill memory and disk.
  /// - Throws: errors of the encoder's folder, its tokenizer, and the feature cache.
  func preferenceEncoder(
    _ policy: LoadedModel, keepingFeatures: Bool
  ) throws -> any PrefixEncoder {
    let settings = configuration.preferenceModel
    let batchTokens = configuration.preference.encoderBatchTokens
    guard let path = settings.encoder else {
      return CausalPrefixEncoder(
        policy.model, layer: configuration.preference.encoderLayer,
        likelihoods: configuration.preference.encoderLikelihoods, batchTokens: batchTokens)
    }
    let text = try LoadedTextEncoder(
      folder: URL(filePath: path), dtype: settings.encoderPrecision.dtype, device: device)
    let encoder = try TextPrefixEncoder(
      text.encoder, tokenizer: text.tokenizer, policyTokenizer: policy.tokenizer,
      arrangement: settings.arrangement, pooling: settings.pooling,
      maximumTokens: settings.encoderMaximumTokens, batchTokens: batchTokens)
    if keepingFeatures, let path = settings.featureCache {
      let folder = URL(filePath: path)
      try AtomicFile.createFolder(folder)
      let name = [
        encoder.identity.fingerprint, settings.pooling.rawValue, settings.encoderPrecision.rawValue,
      ].joined(separator: "-")
      encoder.cache = try FeatureCache(file: folder.appending(path: "\(name).safetensors"))
    }
    return encoder
  }

  /// The preference model of phase II; nil when the method needs none.
  ///
  /// - Throws: `SettingError` when the method needs one and the configuration names none.
  public func preferenceModel() throws -> PreferenceModel? {
    guard configuration.method.needsPreferenceModel else { return nil }
    guard let path = configuration.preferenceModel.path else {
      throw SettingError(
        "preference.path is missing: \(configuration.method.name) scores prefixes with a preference "
          + "model; train one with `laconic preference train`")
    }
    return try preferenceModel(
      in: URL(filePath: path), policy: model(), keepingFeatures: false)
  }

  /// What stops solutions while they are sampled, as the method says.
  ///
  /// - Throws: `SettingError` for a method that stops none, and what the preference model throws.
  func onlineStopper() throws -> OnlineStopper {
    guard let settings = configuration.method.onlineStopping,
      let preference = try preferenceModel()
    else {
      throw SettingError(
        "evaluation.online-stop is true, but method.online-stop is not: expected method.name=ws-grpo and "
          + "method.online-stop=true, which say when to stop")
    }
    return try OnlineStopper(
      settings, preference: preference, task: task, tokenizer: try model().tokenizer,
      segmenter: segmenter, limit: configuration.rollouts.maximumCompletion)
  }

  /// A trained preference model with its encoder.
  ///
  /// - Throws: `PreferenceError` when it was trained with another encoder.
  func preferenceModel(
    in folder: URL, policy: LoadedModel, keepingFeatures: Bool
  ) throws -> PreferenceModel {
    guard configuration.preferenceModel.encoder == nil else {
      return try PreferenceModel.load(
        folder: folder, encoder: preferenceEncoder(policy, keepingFeatures: keepingFeatures))
    }
    // The layer is the one that the model was trained on.
    return try PreferenceModel.load(
      folder: folder, causal: policy.model,
      batchTokens: configuration.preference.encoderBatchTokens)
  }
}
