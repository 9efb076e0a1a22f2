/// The character classes that a `tokenizer.json` speaks of, as the reference implementation
/// understands them (see `Scripts/unicode_classes.py`).
struct UnicodeClasses: OptionSet {
  let rawValue: UInt16

  /// `\p{L}`.
  static let letter = UnicodeClasses(rawValue: 1 << 0)
  /// `\p{N}`.
  static let number = UnicodeClasses(rawValue: 1 << 1)
  /// `\p{M}`.
  static let mark = UnicodeClasses(rawValue: 1 << 2)
  /// `\s`.
  static let whitespace = UnicodeClasses(rawValue: 1 << 3)
  /// What the pre-tokenizers `Punctuation` and `BertPreTokenizer` split at.
  static let punctuation = UnicodeClasses(rawValue: 1 << 4)
  /// What the pre-tokenizer `Digits` splits at.
  static let numeric = UnicodeClasses(rawValue: 1 << 5)
  /// `\w` of the pre-tokenizer `Whitespace` and of the added tokens' `single_word`.
  static let word = UnicodeClasses(rawValue: 1 << 6)
  /// What `clean_text` of `BertNormalizer` removes.
  static let bertControl = UnicodeClasses(rawValue: 1 << 7)
  /// What `strip_accents` of `BertNormalizer` removes.
  static let bertAccent = UnicodeClasses(rawValue: 1 << 8)
  /// What the normalizer `StripAccents` removes.
  static let combining = UnicodeClasses(rawValue: 1 << 9)
  /// Scalars that canonical composition (NFC) may change, move or join to a neighbour.
  static let compositionMayChange = UnicodeClasses(rawValue: 1 << 10)
}

/// The classes of every code point, one array look-up each.
struct UnicodeClassTable: @unchecked Sendable {
  /// 0x110000 entries, made once and never changed or freed.
  private let classes: UnsafePointer<UInt16>

  static let shared = UnicodeClassTable()

  private init() {
    let count = 0x110000
    let table = UnsafeMutablePointer<UInt16>.allocate(capacity: count)
    table.initialize(repeating: 0, count: count)
    PackedNumbers.read(UnicodeClassData.runs) { numbers in
      var codePoint = 0
      while let length = numbers.next(), let index = numbers.next() {
        let end = min(codePoint + Int(length), count)
        (table + codePoint).update(
          repeating: UnicodeClassData.palette[Int(index)], count: end - codePoint)
        codePoint = end
      }
    }
    classes = UnsafePointer(table)
  }

  /// The classes of a Unicode scalar value.
  @inline(__always)
  subscript(scalar: UInt32) -> UnicodeClasses {
    UnicodeClasses(rawValue: classes[Int(scalar)])
  }
}
