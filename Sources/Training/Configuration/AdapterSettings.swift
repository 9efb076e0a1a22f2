import Models
import Settings

/// The section `adapter`: LoRA instead of training all weights.
public struct AdapterSettings: SettingGroup {
  /// A PEFT adapter's folder: what sampling and evaluation use, and what training goes on from.
  public var path: String?
  /// The rank of a new adapter; nil trains all weights.
  public var rank: Int?
  /// The numerator of the scaling alpha / rank. TRL's default.
  public var alpha = 32.0
  /// Which linear maps are adapted. All of them is what reaches full training's quality most reliably
  /// (Dettmers et al. 2023, arXiv 2305.14314).
  public var targets = [LoRATargets.allLinearName]
  /// The share of a map's inputs that are dropped while training.
  public var dropout = 0.0
  /// Whether the scaling is alpha / sqrt(rank).
  public var usesRankStabilizedScaling = false

  /// Defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<AdapterSettings>] = [
    SettingKey("path", \.path, "folder of a LoRA adapter in PEFT's layout, on the model"),
    SettingKey(
      "rank", \.rank, in: 1..., "train a new LoRA adapter of this rank; null: all weights"),
    SettingKey("alpha", \.alpha, "numerator of LoRA's scaling alpha / rank"),
    SettingKey(
      "targets", \.targets, "linear maps to adapt, such as [q_proj, v_proj]; or [all-linear]"),
    SettingKey("dropout", \.dropout, in: 0.0..<1.0, "share of inputs dropped before A in training"),
    SettingKey(
      "use-rslora", \.usesRankStabilizedScaling, "scale by alpha / sqrt(rank) instead"),
  ]

  /// What a new adapter is to be; nil where all weights are trained.
  ///
  /// - Throws: `SettingError` naming the key.
  func configuration() throws -> LoRAConfiguration? {
    guard let rank else { return nil }
    guard alpha > 0 else {
      throw SettingError("adapter.alpha is \(alpha), expected a number above 0")
    }
    guard !targets.isEmpty else {
      throw SettingError(
        "adapter.targets is empty, expected names of linear maps or \(LoRATargets.allLinearName)")
    }
    return try LoRAConfiguration(
      rank: rank, alpha: alpha, targets: LoRATargets(targets), dropout: dropout,
      usesRankStabilizedScaling: usesRankStabilizedScaling)
  }
}
