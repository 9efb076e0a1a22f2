/// What keeps a preference model from being trained, read or used.
public enum PreferenceError: Error, Equatable, CustomStringConvertible {
  /// The head needs one feature vector per prefix, and the encoder reads both prefixes at once.
  case headNeedsSeparateFeatures(head: String, encoder: String)
  /// The encoder was made with another option than the settings name.
  case encoderOption(key: String, encoder: String, settings: String)
  /// The saved model was trained on the features of another encoder.
  case anotherEncoder(folder: String, difference: String)
  /// A file of the model cannot be read or does not fit.
  case unreadable(file: String, problem: String)
  /// The model cannot be written.
  case unwritable(file: String, problem: String)
  /// An encoder's texts are too short for the template.
  case textTooShort(maximum: Int, expected: Int)
  /// There is nothing to measure.
  case nothingToMeasure(found: String)
  /// The loss or a score became infinite or NaN.
  case notFinite(what: String)

  /// The whole message.
  public var description: String {
    switch self {
    case .headNeedsSeparateFeatures(let head, let encoder):
      "prefix-head \(head) needs a feature vector for every prefix, but the encoder \(encoder) reads "
        + "both prefixes at once; expected pairwise or antisymmetric"
    case .encoderOption(let key, let encoder, let settings):
      "the encoder was made with \(key) \(encoder), the settings say \(settings)"
    case .anotherEncoder(let folder, let difference):
      "\(folder): the preference model was trained on another encoder's features: \(difference); "
        + "preference.encoder and its settings must be those of the training"
    case .unreadable(let file, let problem), .unwritable(let file, let problem):
      "\(file): \(problem)"
    case .textTooShort(let maximum, let expected):
      "the encoder reads at most \(maximum) tokens, expected at least \(expected): the template's words "
        + "and room for a question with solutions"
    case .nothingToMeasure(let found):
      "no pair of a right and a wrong solution to measure: found \(found); expected a question with "
        + "right and wrong solutions, or right and wrong solutions of different questions"
    case .notFinite(let what): "\(what) is not a finite number"
    }
  }
}
