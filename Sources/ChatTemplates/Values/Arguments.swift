/// The arguments of a call.
struct Arguments {
  var positional: [Value] = []
  var keywords: [(name: String, value: Value)] = []

  /// The value of a keyword.
  func keyword(_ name: String) -> Value? { keywords.first { $0.name == name }?.value }

  /// The arguments in the order of `names`, nil where one was not given.
  ///
  /// - Parameters:
  ///   - function: What messages call the function.
  ///   - required: How many of the first names must be given.
  /// - Throws: a fault for too many, unknown, doubled or missing arguments.
  func bind(
    _ function: String, _ names: [String], required: Int = 0
  ) throws -> [Value?] {
    guard positional.count <= names.count else {
      throw Fault.type(
        "\(function)() takes at most \(names.count) argument\(names.count == 1 ? "" : "s") "
          + "(\(positional.count) given)")
    }
    var bound = [Value?](repeating: nil, count: names.count)
    for (place, value) in positional.enumerated() { bound[place] = value }
    for (name, value) in keywords {
      guard let place = names.firstIndex(of: name) else {
        throw Fault.type("\(function)() got an unexpected keyword argument '\(name)'")
      }
      guard bound[place] == nil else {
        throw Fault.type("\(function)() got multiple values for argument '\(name)'")
      }
      bound[place] = value
    }
    if let missing = bound.prefix(required).firstIndex(where: { $0 == nil }) {
      throw Fault.type(
        "\(function)() missing 1 required positional argument: '\(names[missing])'")
    }
    return bound
  }
}

extension Value {
  /// A whole number that an argument must be.
  func requiredInteger(_ what: String) throws -> Int {
    if case .undefined(let undefined) = self { throw undefined.fault }
    guard let integer else {
      throw Fault.type("'\(typeName)' object cannot be interpreted as an integer (\(what))")
    }
    return integer
  }

  /// A text that an argument must be.
  func requiredText(_ what: String) throws -> String {
    if case .undefined(let undefined) = self { throw undefined.fault }
    guard let text else { throw Fault.type("\(what) must be str, not \(typeName)") }
    return text
  }

  /// The place in a sequence that a Python index means; nil outside.
  static func place(_ index: Int, of count: Int) -> Int? {
    let place = index < 0 ? index + count : index
    return place >= 0 && place < count ? place : nil
  }
}
