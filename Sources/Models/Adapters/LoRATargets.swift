import Settings
import Torch

/// Which linear maps of a model an adapter changes, as PEFT's `target_modules` says it.
public enum LoRATargets: Sendable, Equatable {
  /// All linear maps of the decoder layers (`all-linear`); the output weight is none of them.
  case allLinear
  /// Ends of module names: `q_proj`, `self_attn.q_proj`, `model.layers.0.self_attn.q_proj`.
  case names([String])
  /// A regular expression that matches whole module names.
  case pattern(String)

  /// How `allLinear` is written.
  public static let allLinearName = "all-linear"

  /// Names as a user lists them; `all-linear` alone is all of them.
  public init(_ names: [String]) {
    self = names == [Self.allLinearName] ? .allLinear : .names(names)
  }
}

extension LoRAConfiguration {
  /// The names among `modules` (`model.layers.N.self_attn.q_proj`) that are adapted.
  ///
  /// - Throws: `ModelError` for a target that the model does not have, naming the nearest.
  func modules(among modules: [String]) throws(ModelError) -> Set<String> {
    let inLayers = modules.filter { module in
      layers.map { $0.contains(Self.layer(of: module) ?? -1) } ?? true
    }
    let count = Set(modules.compactMap(Self.layer)).count
    if let missing = layers?.sorted().first(where: { !(0..<count).contains($0) }) {
      throw Self.unknown("layer \(missing) is to be adapted, but the model has \(count) layers")
    }
    var chosen: Set<String> = []
    switch targets {
    case .allLinear: chosen = Set(inLayers)
    case .pattern(let pattern):
      chosen = Set(try Self.modules(inLayers, matching: pattern))
    case .names(let names):
      for name in names {
        let matching = inLayers.filter { $0 == name || $0.hasSuffix(".\(name)") }
        if matching.isEmpty && !passesOverUnknownTargets { throw Self.unknownTarget(name, modules) }
        chosen.formUnion(matching)
      }
    }
    guard !chosen.isEmpty else {
      throw Self.unknown(
        "no linear map of the model is a target (\(targets.summary)), expected some of "
          + Self.shortNames(modules).joined(separator: ", "))
    }
    return chosen
  }

  /// The modules whose whole names a regular expression matches.
  ///
  /// - Throws: `ModelError` for what is none, or takes too many steps.
  private static func modules(
    _ modules: [String], matching pattern: String
  ) throws(ModelError) -> [String] {
    guard let expression = BoundedPattern(pattern, matchingWhole: true) else {
      throw unknown("the target \"\(pattern)\" is no regular expression")
    }
    do {
      return try modules.filter { try expression.occurs(in: $0) }
    } catch {
      throw unknown(
        "the target \"\(pattern)\" takes too many steps, expected an expression without repetitions "
          + "in repetitions such as (a+)+")
    }
  }

  private static func layer(of module: String) -> Int? {
    let parts = module.split(separator: ".")
    return parts.count > 2 ? Int(parts[2]) : nil
  }

  /// The last parts of names, each once.
  static func shortNames(_ modules: [String]) -> [String] {
    var names: [String] = []
    for module in modules {
      let short = module.split(separator: ".").last.map(String.init) ?? module
      if !names.contains(short) { names.append(short) }
    }
    return names
  }

  private static func unknownTarget(_ name: String, _ modules: [String]) -> ModelError {
    let known = [LoRATargets.allLinearName] + shortNames(modules)
    if name == LoRATargets.allLinearName {
      return unknown("the target \(name) names all linear maps and must stand alone")
    }
    let hint = nearest(to: name, in: known).map { "; the nearest is \($0)" } ?? ""
    return unknown(
      "there is no linear map \"\(name)\" to adapt\(hint) (expected some of "
        + known.joined(separator: ", ") + ")")
  }

  private static func unknown(_ problem: String) -> ModelError {
    ModelError(kind: .unsupported, path: "adapter targets", problem: problem)
  }
}

extension LoRATargets {
  fileprivate var summary: String {
    switch self {
    case .allLinear: Self.allLinearName
    case .names(let names): names.joined(separator: ", ")
    case .pattern(let pattern): pattern
    }
  }
}
