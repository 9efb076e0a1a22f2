import Foundation

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
      if let expression = try pattern.optional("Regex"), try expression.literalExpression() == nil {
        return [.replaceMatches(try expression.expression(), content: try content.utf8())]
      }
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
    case "Nmt": return [.nmt]
    case "ByteLevel": return [.byteCharacters]
    case "Precompiled": return try precompiled(json)
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
          + "BertNormalizer, Precompiled, Nmt, ByteLevel")
    }
  }

  private static func precompiled(_ json: JSONValue) throws -> [Normalizer] {
    let value = try json.required("precompiled_charsmap", expected: "rules in Base64")
    guard let data = Data(base64Encoded: try value.string()) else {
      throw value.wrong("rules in Base64")
    }
    guard let map = PrecompiledMap(Array(data)) else {
      throw value.wrong("rules in the layout of SentencePiece")
    }
    return [.precompiled(map)]
  }
}
