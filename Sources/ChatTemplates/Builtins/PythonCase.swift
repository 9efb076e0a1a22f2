/// Upper and lower case as Python's `str` has it.
enum PythonCase {
  static func upper(_ text: String) -> String {
    mapped(text) { $0.properties.uppercaseMapping }
  }

  static func lower(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for (place, scalar) in scalars.enumerated() { result += lower(scalar, at: place, of: scalars) }
    return result
  }

  /// Without case: what its capital has in lower case, wherever it stands.
  static func folded(_ text: String) -> String {
    mapped(upper(text)) { $0.properties.lowercaseMapping }
  }

  /// The first character as in titles, the others lower.
  static func capitalized(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    return scalars.enumerated().map { place, scalar in
      place == 0 ? scalar.properties.titlecaseMapping : lower(scalar, at: place, of: scalars)
    }.joined()
  }

  /// Every first letter of a row of letters as in titles, the others lower.
  static func title(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    var afterLetter = false
    for (place, scalar) in scalars.enumerated() {
      result +=
        afterLetter ? lower(scalar, at: place, of: scalars) : scalar.properties.titlecaseMapping
      afterLetter = scalar.properties.isCased
    }
    return result
  }

  static func swapped(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    return scalars.enumerated().map { place, scalar in
      scalar.properties.isUppercase
        ? lower(scalar, at: place, of: scalars)
        : scalar.properties.isLowercase
          ? scalar.properties.uppercaseMapping : String(Character(scalar))
    }.joined()
  }

  static func isLower(_ text: String) -> Bool {
    var hasCased = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isUppercase || scalar.isTitlecase { return false }
      if scalar.properties.isLowercase { hasCased = true }
    }
    return hasCased
  }

  static func isUpper(_ text: String) -> Bool {
    var hasCased = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isLowercase || scalar.isTitlecase { return false }
      if scalar.properties.isUppercase { hasCased = true }
    }
    return hasCased
  }

  static func isTitle(_ text: String) -> Bool {
    var hasCased = false
    var afterCased = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isUppercase || scalar.isTitlecase {
        if afterCased { return false }
        afterCased = true
        hasCased = true
      } else if scalar.properties.isLowercase {
        guard afterCased else { return false }
      } else {
        afterCased = false
      }
    }
    return hasCased
  }

  private static func mapped(_ text: String, _ map: (Unicode.Scalar) -> String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars { result += map(scalar) }
    return result
  }

  private static func lower(
    _ scalar: Unicode.Scalar, at place: Int, of scalars: [Unicode.Scalar]
  ) -> String {
    scalar == "\u{3A3}" && isFinalSigma(place, scalars)
      ? "\u{3C2}" : scalar.properties.lowercaseMapping
  }

  /// Whether a capital sigma ends a word (Unicode, table 3-17).
  private static func isFinalSigma(_ place: Int, _ scalars: [Unicode.Scalar]) -> Bool {
    var before = place - 1
    while before >= 0, scalars[before].properties.isCaseIgnorable { before -= 1 }
    guard before >= 0, scalars[before].properties.isCased else { return false }
    var after = place + 1
    while after < scalars.count, scalars[after].properties.isCaseIgnorable { after += 1 }
    return after == scalars.count || !scalars[after].properties.isCased
  }
}

extension Unicode.Scalar {
  fileprivate var isTitlecase: Bool { properties.generalCategory == .titlecaseLetter }
}
