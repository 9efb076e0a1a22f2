extension Normalizer {
  /// Reads `normalizer`, sequences flattened.
  static func steps(_ json: JSONValue) throws -> [Normalizer] {
    let (name, type) = try json.type()
    if let form = NormalizationForm(rawValue: name) { return [.form(form)] }
    switch name {
    case "Sequence":
      let list = try json.required("normalizers", expected: "an array of normalizers")
      return try list.elements().flatMap(steps)
    case "Lowercase": return [.lowercase]
    case "Replace":
      let pattern = try json.required("pattern", expected: "what is replaced")
      let content = try json.required("content", expected: "what stands in its place")
      return [.replace(pattern: try pattern.literalPattern(), content: try content.utf8())]
    case "Prepend":
      return [.prepend(try json.required("prepend", expected: "a text").utf8())]
    case "Strip":
      return [
        .strip(
          left: try json.optional("strip_left")?.bool() ?? true,
          right: try json.optional("strip_right")?.bool() ?? true)
      ]
    case "StripAccents": return [.stripAccents]
    case "BertNormalizer":
      let lowercase = try json.optional("lowercase")?.bool() ?? true
      return [
        .bert(
          BertNormalizer(
            cleanText: try json.optional("clean_text")?.bool() ?? true,
            handleChineseCharacters: try json.optional("handle_chinese_chars")?.bool() ?? true,
            stripAccents: try json.optional("strip_accents")?.bool() ?? lowercase,
            lowercase: lowercase))
      ]
    default:
      throw type.unsupported(
        "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Replace, Prepend, Strip, StripAccents, "
          + "BertNormalizer")
    }
  }
}
