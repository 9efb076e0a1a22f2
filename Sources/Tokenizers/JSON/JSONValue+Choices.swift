extension JSONValue {
  /// `type` of a part of the tokenizer.
  func type() throws -> (name: String, value: JSONValue) {
    let value = try required("type", expected: "the part's type")
    return (try value.string(), value)
  }

  /// A string that is not empty.
  func text() throws -> [UInt8] {
    let bytes = try utf8()
    guard !bytes.isEmpty else { throw wrong("a string that is not empty") }
    return bytes
  }

  /// A string of one Unicode scalar.
  func scalar() throws -> Unicode.Scalar {
    let scalars = try string().unicodeScalars
    guard let scalar = scalars.first, scalars.count == 1 else { throw wrong("one character") }
    return scalar
  }

  /// One of an enumeration's names.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _: Choice.Type
  ) throws -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: try string()) else {
      throw unsupported(Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
    }
    return choice
  }

  /// A pattern that is a string: `{"String": ...}`, or a regular expression without operators.
  func literalPattern() throws -> [UInt8] {
    if let literal = try optional("String") { return try literal.text() }
    let expression = try required("Regex", expected: "\"String\" or \"Regex\"")
    guard let literal = try expression.literalExpression() else {
      throw expression.unsupported("a regular expression without operators")
    }
    return literal
  }

  /// A regular expression.
  func expression() throws -> RegularExpression {
    do {
      return try RegularExpression(string())
    } catch let error as ExpressionError {
      let problem = error.problem == ExpressionError.unsupported ? "" : " \(error.problem), which"
      throw TokenizerError.unsupported(
        file: document.name, key: path, found: "\(summary): \"\(error.part)\"\(problem)",
        supported: "characters, classes, groups, repetitions and looks ahead of Oniguruma")
    }
  }

  /// The string that a regular expression without operators matches.
  func literalExpression() throws -> [UInt8]? {
    let operators = Set(#"\.[]{}()*+?^$|#"#.utf8)
    let bytes = try text()
    return bytes.contains(where: operators.contains) ? nil : bytes
  }
}
