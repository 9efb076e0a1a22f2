/// Finds added tokens in text: leftmost first, of those that begin there the longest.
struct AddedTokenMatcher: Sendable {
  enum Segment {
    case token(Int)
    case text(Range<Int>)
  }

  /// A trie; node 0 is the root, whose children are in `roots`.
  private struct Node {
    var byte: UInt8
    var token: Int32 = -1
    var firstChild: Int32 = -1
    var nextSibling: Int32 = -1
  }

  private let tokens: [AddedToken]
  private var nodes = [Node(byte: 0)]
  private var roots = [Int32](repeating: -1, count: 256)

  var isEmpty: Bool { nodes.count == 1 }

  /// A matcher for tokens, each as the UTF-8 it has in the text.
  init(_ tokens: [(token: AddedToken, text: [UInt8])]) {
    self.tokens = tokens.map(\.token)
    for (index, entry) in tokens.enumerated() where !entry.text.isEmpty {
      insert(entry.text, Int32(index))
    }
  }

  private mutating func insert(_ text: [UInt8], _ token: Int32) {
    var node = Int(roots[Int(text[0])])
    if node < 0 {
      nodes.append(Node(byte: text[0]))
      node = nodes.count - 1
      roots[Int(text[0])] = Int32(node)
    }
    for byte in text.dropFirst() {
      if let child = child(of: node, byte) {
        node = child
      } else {
        nodes.append(Node(byte: byte, nextSibling: nodes[node].firstChild))
        nodes[node].firstChild = Int32(nodes.count - 1)
        node = nodes.count - 1
      }
    }
    // Of two tokens that normalize to the same text the first counts.
    if nodes[node].token < 0 { nodes[node].token = token }
  }

  private func child(of node: Int, _ byte: UInt8) -> Int? {
    var child = Int(nodes[node].firstChild)
    while child >= 0 {
      if nodes[child].byte == byte { return child }
      child = Int(nodes[child].nextSibling)
    }
    return nil
  }

  /// The longest token that begins at a position, and where it ends.
  private func match(
    _ bytes: UnsafeBufferPointer<UInt8>, at start: Int
  ) -> (token: AddedToken, end: Int)? {
    var node = Int(roots[Int(bytes[start])])
    var position = start + 1
    var longest: (token: AddedToken, end: Int)?
    while node >= 0 {
      if nodes[node].token >= 0 { longest = (tokens[Int(nodes[node].token)], position) }
      guard position < bytes.count, let next = child(of: node, bytes[position]) else { break }
      node = next
      position += 1
    }
    return longest
  }

  /// Cuts `bytes`, well-formed UTF-8, into tokens and the text between them.
  func segments(of bytes: UnsafeBufferPointer<UInt8>) -> [Segment] {
    var segments: [Segment] = []
    var covered = 0
    var position = 0
    while position < bytes.count {
      guard roots[Int(bytes[position])] >= 0, let match = match(bytes, at: position) else {
        position += 1
        continue
      }
      let token = match.token
      var start = position
      var end = match.end
      position = match.end
      if token.singleWord, isWord(bytes, before: start) || isWord(bytes, after: end) { continue }
      if token.leftStrip { start = max(whitespaceStart(bytes, before: start), covered) }
      if token.rightStrip { end = whitespaceEnd(bytes, after: end) }
      if covered < start { segments.append(.text(covered..<start)) }
      // Without text left of its own a token is not there, as in the reference implementation.
      if start < end { segments.append(.token(token.id)) }
      // A match inside white space that a token before it took along moves back, as it does in
      // the reference implementation.
      covered = end
    }
    if covered < bytes.count { segments.append(.text(covered..<bytes.count)) }
    return segments
  }

  private func isWord(_ bytes: UnsafeBufferPointer<UInt8>, before position: Int) -> Bool {
    guard position > 0 else { return false }
    let start = UTF8Scalars.start(before: position, in: bytes)
    return UnicodeClassTable.shared[UTF8Scalars.decode(bytes, at: start).scalar].contains(.word)
  }

  private func isWord(_ bytes: UnsafeBufferPointer<UInt8>, after position: Int) -> Bool {
    guard position < bytes.count else { return false }
    return UnicodeClassTable.shared[UTF8Scalars.decode(bytes, at: position).scalar].contains(.word)
  }

  private func whitespaceStart(
    _ bytes: UnsafeBufferPointer<UInt8>, before position: Int
  ) -> Int {
    var start = position
    while start > 0 {
      let last = UTF8Scalars.start(before: start, in: bytes)
      let scalar = UTF8Scalars.decode(bytes, at: last).scalar
      guard UnicodeClassTable.shared[scalar].contains(.whitespace) else { break }
      start = last
    }
    return start
  }

  private func whitespaceEnd(_ bytes: UnsafeBufferPointer<UInt8>, after position: Int) -> Int {
    var end = position
    while end < bytes.count {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: end)
      guard UnicodeClassTable.shared[scalar].contains(.whitespace) else { break }
      end += length
    }
    return end
  }
}
