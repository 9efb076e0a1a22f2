/// How rotary frequencies are changed for contexts longer than those of pretraining.
public enum RopeScaling: Sendable, Equatable {
  /// The frequencies as they are (Su et al. 2021): `rope_type` `default`.
  case none
  /// All frequencies divided by a factor (Chen et al. 2023, position interpolation): `linear`.
  case linear(factor: Double)
  /// Llama 3.1's: low frequencies divided by `factor`, high ones kept, those between interpolated:
  /// `llama3`.
  case llama3(
    factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
    originalMaximumPositions: Int)

  /// The names of the supported kinds in `rope_type`.
  static let supportedTypes = ["default", "linear", "llama3"]
}
