/// Something that a solution of a problem is known to come across: a name, a place, an intermediate
/// result.
public struct Entity: Sendable, Hashable {
  /// How it is written; the first form is its own, the others are aliases. None is empty.
  public let forms: [String]

  /// An entity with its forms; nil when there is no form or an empty one, which every text contains.
  public init?(_ forms: [String]) {
    guard !forms.isEmpty, !forms.contains("") else { return nil }
    self.forms = forms
  }
}

/// Finds entities in the thoughts of a solution (E-GRPO, arXiv 2510.24694: an exact string match of the
/// whole phrase; letter case counts).
public struct EntityMatcher: Sendable, Hashable {
  /// Whether an alias counts as the entity.
  public let acceptsAliases: Bool
  /// Whether a form with a letter or digit beside it does not count: 1 is no part of 12 then.
  public let wholeWords: Bool

  /// A matcher of entities' own forms anywhere, unless told otherwise.
  public init(acceptsAliases: Bool = false, wholeWords: Bool = false) {
    self.acceptsAliases = acceptsAliases
    self.wholeWords = wholeWords
  }

  /// How many of `entities` stand in some single one of `thoughts`.
  public func count(_ entities: [Entity], in thoughts: [String]) -> Int {
    let thoughts = thoughts.map { Array($0.utf8) }
    return entities.count { entity in
      let forms = acceptsAliases ? entity.forms : Array(entity.forms.prefix(1))
      return forms.contains { form in thoughts.contains { occurs(Array(form.utf8), in: $0) } }
    }
  }

  private func occurs(_ phrase: [UInt8], in text: [UInt8]) -> Bool {
    guard phrase.count <= text.count else { return false }
    return (0...text.count - phrase.count).contains { start in
      let end = start + phrase.count
      guard text[start] == phrase[0], text[start..<end].elementsEqual(phrase) else { return false }
      guard wholeWords else { return true }
      return !(start > 0 && continues(text[start - 1], phrase[0]))
        && !(end < text.count && continues(text[end], phrase[phrase.count - 1]))
    }
  }

  /// Whether a byte beside a phrase's first or last byte makes the two one word or number.
  private func continues(_ neighbour: UInt8, _ edge: UInt8) -> Bool {
    isWordPart(neighbour) && isWordPart(edge)
  }

  // Bytes from 0x80 belong to letters outside ASCII, nearly always.
  private func isWordPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...:
      true
    default: false
    }
  }
}
