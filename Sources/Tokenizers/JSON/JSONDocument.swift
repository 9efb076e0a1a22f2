/// A parsed JSON text: its bytes and one node per value, in document order.
///
/// Vocabularies have hundreds of thousands of entries; nodes are ranges of the source, and strings
/// are unescaped only when they are asked for.
final class JSONDocument: Sendable {
  enum Kind: UInt8 {
    case null, `true`, `false`, number, string, escapedString, array, object
  }

  struct Node {
    var kind: Kind
    /// The value's bytes; a string's without its quotes.
    var start: UInt32
    var end: UInt32
    /// The node after this value and all that is inside it.
    var next: UInt32
  }

  /// The name that errors give: a file's path, or what the caller called the data.
  let name: String
  let bytes: [UInt8]
  let nodes: [Node]

  /// Parses a whole JSON text.
  ///
  /// - Throws: `TokenizerError.malformedJSON` with the line and column of the first fault.
  init(_ bytes: [UInt8], name: String) throws {
    self.name = name
    self.bytes = bytes
    guard bytes.count < Int(UInt32.max) else {
      throw TokenizerError.unreadable(file: name, reason: "larger than 4 GiB")
    }
    var parser = JSONParser(name: name)
    nodes = try bytes.withUnsafeBufferPointer { try parser.parse($0) }
  }

  /// The outermost value.
  var root: JSONValue { JSONValue(document: self, index: 0, path: "") }
}
