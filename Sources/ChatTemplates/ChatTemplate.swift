/// A template in the Jinja that Hugging Face model folders carry: it turns a conversation into the
/// text that a model reads.
///
/// It renders as Python's Jinja2 3.1 does in transformers' environment (a sandbox without changes to
/// values, `trim_blocks`, `lstrip_blocks`, loop controls, the block `generation`, and transformers' own
/// `tojson`, `raise_exception`, `strftime_now`, `namespace` and `dict`). Not supported, and refused by
/// name when reached: `autoescape true`, the filters `pprint`, `random`, `striptags`, `urlize` and
/// `wordwrap`, `lipsum`, whole numbers beyond 64 bits, and other templates (a model folder has one).
public struct ChatTemplate: Sendable {
  /// What errors call the template.
  public let name: String
  /// The template's text.
  public let text: String
  private let source: Source
  private let statements: [Statement]
  private let symbols: [String]
  private let ownSymbols: Set<Symbol>

  /// Reads a template.
  ///
  /// - Parameter name: What errors call it, a file's path for example.
  /// - Throws: `TemplateError` with the line and column of the first fault.
  public init(_ text: String, name: String = "chat template") throws(TemplateError) {
    self.name = name
    self.text = text
    source = Source(text)
    do {
      var lexer = Lexer(source)
      var parser = Parser(try lexer.tokenize())
      statements = try parser.template()
      symbols = parser.names
      ownSymbols = parser.ownSymbols
    } catch let fault as SyntaxFault {
      throw source.error(fault.kind, fault.message, at: fault.offset, of: name)
    } catch {
      throw source.error(.syntax, "\(error)", at: 0, of: name)
    }
  }

  /// Renders the template.
  ///
  /// - Parameters:
  ///   - variables: What the template sees, and nothing else but the language's own functions.
  ///   - limits: How much it may do.
  ///   - clock: The time that `strftime_now` gives.
  /// - Throws: `TemplateError` with the line and column of the operation that failed.
  public func render(
    _ variables: [TemplateValue.Member], limits: TemplateLimits = TemplateLimits(),
    clock: LocalTime = .now()
  ) throws(TemplateError) -> String {
    var offset = 0
    do {
      let mapping = try TemplateValue.mapping(variables, Meter(limits))
      let renderer = Renderer(
        names: symbols, ownSymbols: ownSymbols, variables: mapping, limits: limits, clock: clock)
      defer {
        offset = renderer.offset
        renderer.finish()
      }
      _ = try renderer.execute(statements)
      return renderer.output
    } catch let fault as Fault {
      throw source.error(fault.kind, fault.message, at: offset, of: name)
    } catch {
      throw source.error(.value, "\(error)", at: offset, of: name)
    }
  }
}

extension Source {
  fileprivate func error(
    _ kind: TemplateError.Kind, _ message: String, at offset: Int, of name: String
  ) -> TemplateError {
    let (line, column) = place(of: offset)
    return TemplateError(
      kind: kind, message: message, template: name, line: line, column: column)
  }
}
