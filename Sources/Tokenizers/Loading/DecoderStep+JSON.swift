extension DecoderStep {
  /// Reads `decoder`, sequences flattened.
  static func steps(_ json: JSONValue) throws -> [DecoderStep] {
    let (name, type) = try json.type()
    switch name {
    case "Sequence":
      let list = try json.required("decoders", expected: "an array of decoders")
      return try list.elements().flatMap(steps)
    case "ByteLevel": return [.byteLevel]
    case "ByteFallback": return [.byteFallback]
    case "Fuse": return [.fuse]
    case "Strip":
      let content = try json.required("content", expected: "one character").scalar()
      let start = try json.required("start", expected: "a count").count()
      let stop = try json.required("stop", expected: "a count").count()
      return [.strip(content: content.value, start: start, stop: stop)]
    case "Replace":
      let pattern = try json.required("pattern", expected: "what is replaced")
      let content = try json.required("content", expected: "what stands in its place")
      return [.replace(pattern: try pattern.literalPattern(), content: try content.utf8())]
    case "WordPiece":
      let prefix = try json.required("prefix", expected: "what continuing tokens begin with")
      let cleanUp = try json.optional("cleanup")?.bool() ?? true
      return [.wordPiece(prefix: try prefix.utf8(), cleansUp: cleanUp)]
    case "Metaspace":
      let replacement = try json.required("replacement", expected: "one character").scalar()
      let scheme = try Metaspace.scheme(json)
      return [.metaspace(replacement: replacement.value, dropsFirst: scheme != .never)]
    default:
      throw type.unsupported(
        "Sequence, ByteLevel, ByteFallback, Fuse, Strip, Replace, WordPiece, Metaspace")
    }
  }
}
