/// What can stand after `|`.
enum Filters {
  typealias Function = @Sendable (Value, Arguments, Renderer) throws -> Value

  static func named(_ name: String) -> Function? { functions[name] }

  static func unknown(_ name: String, offset: Int) -> SyntaxFault {
    SyntaxFault(message: unknown(name).message, offset: offset)
  }

  static func unknown(_ name: String) -> Fault { Fault(.syntax, "No filter named '\(name)'.") }

  private static let functions: [String: Function] = [
    textFilters, sequenceFilters, choiceFilters, numberFilters, unsupportedFilters,
  ].reduce(into: [:]) { all, some in all.merge(some) { $1 } }

  /// Filters of Jinja2 that make pages or chance, which no prompt needs: refused when reached.
  private static let unsupportedFilters: [String: Function] = Dictionary(
    uniqueKeysWithValues: ["pprint", "random", "striptags", "urlize", "wordwrap"].map {
      ($0, refusal(of: $0))
    })

  private static func refusal(of name: String) -> Function {
    { _, _, _ in throw Fault(.unsupported, "the filter '\(name)' is not supported") }
  }

  /// The values of an attribute that `attribute=` names: a place, or names with dots between.
  struct AttributeGetter {
    private let path: [Value]
    private let standard: Value?

    init(_ attribute: Value?, standard: Value? = nil) {
      self.standard = standard.flatMap { $0.isNone ? nil : $0 }
      switch attribute {
      case nil, Value.none?: path = []
      case let attribute?:
        path =
          attribute.text.map { text in
            text.split(separator: ".", omittingEmptySubsequences: false).map { part in
              let isIndex = !part.isEmpty && part.allSatisfy { $0.isASCII && $0.isNumber }
              return isIndex
                ? Int(part).map(Value.int) ?? .string(String(part)) : .string(String(part))
            }
          } ?? [attribute]
      }
    }

    func value(of item: Value, _ renderer: Renderer) throws -> Value {
      var value = item
      for key in path {
        value = try renderer.item(key, of: value)
        if let standard, value.isUndefined { value = standard }
      }
      return value
    }
  }

  /// Text in lower case, for comparisons that ignore case.
  static func ignoringCase(_ value: Value, _ meter: Meter) throws -> Value {
    guard let text = value.text else { return value }
    try meter.spend(bytes: text.utf8.count)
    return .string(PythonCase.lower(text))
  }
}
