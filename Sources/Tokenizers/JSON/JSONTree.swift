/// A whole JSON document as values, for the package's other modules: the order of members and the
/// spelling of numbers are kept, and so are members whose names are equal.
package enum JSONTree: Sendable {
  case null
  case bool(Bool)
  case number(String, Place)
  case string(String)
  case array([JSONTree])
  case object([(key: String, value: JSONTree)])

  /// Where a value stands, for errors.
  package struct Place: Sendable {
    /// The file's name.
    package let file: String
    /// The path of keys to the value.
    package let key: String
  }

  /// Parses a JSON text in UTF-8.
  ///
  /// - Parameter name: What errors call the text.
  /// - Throws: `TokenizerError.malformedJSON` with the line and column of the first fault.
  package init(parsing bytes: [UInt8], name: String) throws {
    self = try JSONDocument(bytes, name: name).root.tree()
  }
}

extension JSONValue {
  fileprivate func tree() throws -> JSONTree {
    switch kind {
    case .null: .null
    case .true: .bool(true)
    case .false: .bool(false)
    case .number:
      .number(summary, JSONTree.Place(file: document.name, key: path))
    case .string, .escapedString: .string(try string())
    case .array: .array(try elements().map { try $0.tree() })
    case .object: .object(try members().map { ($0.key, try $0.value.tree()) })
    }
  }
}
