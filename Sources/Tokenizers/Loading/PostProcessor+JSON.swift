extension PostProcessor {
  /// Reads `post_processor`.
  init(_ json: JSONValue) throws {
    let (name, type) = try json.type()
    switch name {
    case "Sequence":
      let list = try json.required("processors", expected: "an array of post-processors")
      self = try list.elements().reduce(PostProcessor()) { inner, processor in
        try PostProcessor(processor).around(inner)
      }
    // It moves offsets, which are not kept here.
    case "ByteLevel": self.init()
    case "TemplateProcessing": try self.init(template: json)
    case "BertProcessing", "RobertaProcessing":
      let first = try Self.tokenID(json.required("cls", expected: "a token and its id"))
      let last = try Self.tokenID(json.required("sep", expected: "a token and its id"))
      self.init(items: [.ids([first]), .text, .ids([last])])
    default:
      throw type.unsupported(
        "Sequence, ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing")
    }
  }

  /// Reads the template for one text; the one for pairs is not needed here.
  private init(template json: JSONValue) throws {
    let single = try json.required("single", expected: "an array of template items")
    let tokens = try json.optional("special_tokens")
    items = try single.elements().map { item in
      if let sequence = try item.optional("Sequence") {
        let id = try sequence.required("id", expected: "\"A\"")
        guard try id.string() == "A" else {
          throw id.unsupported("\"A\" in a template for one text")
        }
        return .text
      }
      let token = try item.required("SpecialToken", expected: "\"Sequence\" or \"SpecialToken\"")
      let name = try token.required("id", expected: "the name of a special token")
      guard let entry = try tokens?.optional(name.string()) else {
        throw name.inconsistent("\"\(try name.string())\" is not in special_tokens")
      }
      let ids = try entry.required("ids", expected: "an array of ids")
      return .ids(try ids.elements().map { try $0.count() })
    }
  }

  /// The id of `["[CLS]", 101]`.
  private static func tokenID(_ json: JSONValue) throws -> Int {
    let elements = try json.elements()
    guard elements.count == 2 else { throw json.wrong("an array of a token and its id") }
    return try elements[1].count()
  }
}
