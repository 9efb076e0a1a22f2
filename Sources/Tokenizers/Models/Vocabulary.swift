/// A model's tokens and their ids: both directions, over UTF-8 bytes, without a `String` per entry.
struct Vocabulary: Sendable {
  /// Ids above this are refused: tables are as long as the highest id, and the largest published
  /// vocabularies have about a million entries.
  static let maximumID = 1 << 24

  /// All tokens' UTF-8, one after the other.
  private var arena: [UInt8] = []
  /// Entry `i` is `arena[offsets[i]..<offsets[i + 1]]`.
  private var offsets: [Int32] = [0]
  private var ids: [Int32] = []
  /// Open addressing, a power of two long; an entry's number or -1.
  private var slots: [Int32]
  /// The entry of an id or -1.
  private var entryOfID: [Int32] = []

  /// Tokens in the vocabulary.
  var count: Int { ids.count }
  /// Highest id + 1.
  var idLimit: Int { entryOfID.count }

  /// Reads `{"token": id, ...}`.
  ///
  /// - Throws: `TokenizerError` for anything but distinct tokens with distinct ids from 0.
  init(_ object: JSONValue) throws {
    guard object.kind == .object else {
      throw object.wrong("an object of tokens and their ids")
    }
    let document = object.document
    let end = Int(document.nodes[object.index].next)
    self.init(capacity: (end - object.index) / 2)
    var child = object.index + 1
    while child < end {
      let value = JSONValue(document: document, index: child + 1, path: object.path)
      let token = try appendText(ofString: child, object)
      guard let id = Vocabulary.id(at: child + 1, of: document), id <= Vocabulary.maximumID else {
        throw TokenizerError.wrongValue(
          file: document.name, key: "\(object.path)[\"\(text(token))\"]",
          found: value.summary, expected: "an id from 0 to \(Vocabulary.maximumID)")
      }
      try insert(token, id: id, object)
      child = Int(document.nodes[child + 1].next)
    }
  }

  /// An empty vocabulary with room for so many tokens.
  init(capacity: Int) {
    var slotCount = 16
    while slotCount < capacity * 2 { slotCount *= 2 }
    slots = [Int32](repeating: -1, count: slotCount)
    arena.reserveCapacity(capacity * 8)
    offsets.reserveCapacity(capacity + 1)
    ids.reserveCapacity(capacity)
    entryOfID.reserveCapacity(capacity)
  }

  /// Adds the token of a list's string whose id is new; of equal tokens the last one's id counts.
  /// At most `capacity` tokens fit.
  mutating func append(ofString index: Int, id: Int, _ list: JSONValue) throws {
    let token = try appendText(ofString: index, list)
    let place = slot(of: token)
    slots[place] = -1
    try insert(token, id: id, list)
  }

  private mutating func appendText(
    ofString index: Int, _ container: JSONValue
  ) throws -> TokenRange {
    container.document.appendUTF8(ofString: index, to: &arena)
    guard arena.count < Int(Int32.max) else {
      throw container.inconsistent("the tokens take more than 2 GiB")
    }
    return TokenRange(start: Int(offsets[ids.count]), end: arena.count)
  }

  private struct TokenRange {
    var start: Int
    var end: Int
  }

  private func text(_ range: TokenRange) -> String {
    String(decoding: arena[range.start..<range.end], as: UTF8.self)
  }

  /// A JSON number that is a whole number without sign, point or exponent.
  private static func id(at index: Int, of document: JSONDocument) -> Int? {
    let node = document.nodes[index]
    guard node.kind == .number, node.end - node.start <= 9 else { return nil }
    var value = 0
    for byte in document.bytes[Int(node.start)..<Int(node.end)] {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return value
  }

  private mutating func insert(_ token: TokenRange, id: Int, _ object: JSONValue) throws {
    let place = slot(of: token)
    guard slots[place] < 0 else {
      throw object.inconsistent("the token \"\(text(token))\" stands twice")
    }
    let entry = Int32(ids.count)
    slots[place] = entry
    offsets.append(Int32(token.end))
    ids.append(Int32(id))
    while entryOfID.count <= id { entryOfID.append(-1) }
    guard entryOfID[id] < 0 else {
      let other = self.token(of: id) ?? ""
      throw object.inconsistent("\"\(other)\" and \"\(text(token))\" both have the id \(id)")
    }
    entryOfID[id] = entry
  }

  private func slot(of token: TokenRange) -> Int {
    arena.withUnsafeBytes { bytes in
      slot(of: UnsafeRawBufferPointer(rebasing: bytes[token.start..<token.end]), in: bytes)
    }
  }

  /// Where a token is, or the free place where it would be.
  @inline(__always)
  private func slot(of key: UnsafeRawBufferPointer, in arena: UnsafeRawBufferPointer) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: ByteHash.hash(key)) & mask
    while slots[slot] >= 0 {
      let entry = Int(slots[slot])
      let start = Int(offsets[entry])
      if Int(offsets[entry + 1]) - start == key.count,
        ByteHash.equal(arena.baseAddress, start, key)
      {
        break
      }
      slot = (slot + 1) & mask
    }
    return slot
  }

  /// The id of a token given by its UTF-8, -1 where there is none.
  @inline(__always)
  func id(of key: UnsafeRawBufferPointer) -> Int32 {
    let entry = arena.withUnsafeBytes { slots[slot(of: key, in: $0)] }
    return entry < 0 ? -1 : ids[Int(entry)]
  }

  func id(of token: [UInt8]) -> Int32 { token.withUnsafeBytes { id(of: $0) } }

  func id(of token: String) -> Int? {
    let id = id(of: Array(token.utf8))
    return id < 0 ? nil : Int(id)
  }

  func token(of id: Int) -> String? {
    utf8(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The UTF-8 of a token.
  @inline(__always)
  func utf8(of id: Int) -> ArraySlice<UInt8>? {
    guard id >= 0, id < entryOfID.count, entryOfID[id] >= 0 else { return nil }
    let entry = Int(entryOfID[id])
    return arena[Int(offsets[entry])..<Int(offsets[entry + 1])]
  }
}
