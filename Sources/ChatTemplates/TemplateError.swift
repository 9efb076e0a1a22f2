/// Why a template could not be read or rendered, and where in it.
public struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of fault it is.
  public enum Kind: String, Sendable {
    /// The text is no template.
    case syntax
    /// A value that is not defined was used.
    case undefined
    /// An operation on values of types that do not go together.
    case type
    /// A value that the operation cannot take.
    case value
    /// What a sandboxed template may not do.
    case security
    /// The template itself refused, with `raise_exception`.
    case raised
    /// The work, the nesting or a number grew beyond its bound.
    case limit
    /// A part of Jinja that is not implemented.
    case unsupported
  }

  /// What kind of fault it is.
  public let kind: Kind
  /// What is wrong. Where Jinja2 has a message for it, this is Jinja2's.
  public let message: String
  /// The template's name: a file, where it came from one.
  public let template: String
  /// The line, from 1.
  public let line: Int
  /// The column in Unicode scalars, from 1.
  public let column: Int

  /// `NAME:LINE:COLUMN: message`.
  public var description: String { "\(template):\(line):\(column): \(message)" }
}

/// A fault without its place; whoever knows the place adds it.
struct Fault: Error {
  let kind: TemplateError.Kind
  let message: String

  init(_ kind: TemplateError.Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  static func type(_ message: String) -> Fault { Fault(.type, message) }
  static func value(_ message: String) -> Fault { Fault(.value, message) }
}

/// A fault of the template's text, at a byte of it.
struct SyntaxFault: Error {
  let message: String
  let offset: Int
  var kind = TemplateError.Kind.syntax
}
