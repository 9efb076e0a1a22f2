import Foundation
import Settings

/// DRPO (arXiv 2510.04474): DisCO with right answers weighted by brevity, so that a short right answer
/// counts more but a long one never counts against.
///
/// Against DisCO: the class weights of positives.
public enum DRPO {
  /// DRPO's paper.
  public static let publication = MethodPublication(
    name: "drpo", title: "DRPO", citation: "2510.04474",
    summary:
      "DisCO with shorter right answers weighted more, so that length never turns a right answer "
      + "into a bad one.")

  /// The method with these settings.
  ///
  /// - Throws: `SettingError` for settings that contradict each other.
  public static func method(_ settings: DRPOSettings) throws -> Method {
    try settings.disco.validate()
    return Method(
      publication: publication,
      advantage: ClassWeights(
        brevity: settings.lengthTemperature.map {
          Brevity(temperature: $0, scale: settings.lengthScale)
        }),
      loss: settings.disco.loss, settings: settings.settings)
  }
}

/// DRPO's distribution over a group's right answers: the one that maximises
/// E[1 - L / C] - lambda KL to the uniform one.
public struct Brevity: Sendable, Equatable {
  /// lambda.
  public let temperature: Double
  /// C in tokens; nil for the longest completion that sampling allows. Never the longest row: what else
  /// is in a batch must not matter.
  public let scale: Int?

  /// A distribution.
  public init(temperature: Double, scale: Int?) {
    self.temperature = temperature
    self.scale = scale
  }

  /// w_i = exp(-L_i / (C lambda)) / sum_{j in P} exp(-L_j / (C lambda)) for the lengths of P, in tokens.
  public func shares(lengths: [Int], of batch: GroupBatch) -> [Double] {
    let unit = Double(scale ?? batch.maxCompletion) * temperature
    let shortest = lengths.min() ?? 0
    let masses = lengths.map { exp(-Double($0 - shortest) / unit) }
    let total = masses.reduce(0, +)
    return masses.map { $0 / total }
  }
}

/// What can be set in DRPO, section `method`: its own keys and DisCO's.
public struct DRPOSettings: SettingGroup, Equatable {
  /// lambda; nil for infinity, which is DisCO.
  public var lengthTemperature: Double? = 0.1
  /// C in tokens; nil for the longest completion that sampling allows.
  public var lengthScale: Int?
  /// DisCO's settings.
  public var disco = DisCOSettings()

  /// The defaults.
  public init() {}

  // Far below every useful value (the paper's are 0.1 to 0.5): one token more is then worth nothing.
  private static let leastTemperature = 1e-6

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<DRPOSettings>] =
    [
      SettingKey(
        "length-temperature", \.lengthTemperature, in: leastTemperature...,
        "lambda: the smaller, the more brevity counts; null for no weight on length"),
      SettingKey(
        "length-scale", \.lengthScale, in: 1...,
        "C, tokens; null takes the longest allowed completion"),
    ] + DisCOSettings.keys.map { $0.nested(in: \.disco) }

  /// The settings of a document's section `method`.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public init(_ document: SettingDocument) throws {
    disco = try DisCOSettings(document)
    try take(document, section: Methods.section)
  }
}
