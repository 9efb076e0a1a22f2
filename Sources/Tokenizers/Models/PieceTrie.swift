/// The tokens of a vocabulary by their bytes, so that all that begin at a place in a text are found
/// in one pass over it.
struct PieceTrie: Sendable {
  private struct Node {
    var byte: UInt8
    var childCount: Int16 = 0
    /// Children stand one after the other, in the order of their bytes.
    var firstChild: Int32 = 0
    /// The token that ends here, or -1.
    var id: Int32 = -1
  }

  /// Up to this many children are looked through one by one.
  private static let scanLimit = 8

  private var nodes: [Node] = []
  /// The node of each first byte, or -1.
  private var roots = [Int32](repeating: -1, count: 256)

  /// A trie of the tokens that are not empty; of equal tokens the one with the highest id.
  init(_ vocabulary: Vocabulary) {
    let tokens = (0..<vocabulary.idLimit).compactMap { id in
      vocabulary.utf8(of: id).flatMap { $0.isEmpty ? nil : (text: $0, id: Int32(id)) }
    }
    .sorted { left, right in
      left.text.elementsEqual(right.text)
        ? left.id < right.id : left.text.lexicographicallyPrecedes(right.text)
    }
    /// A node whose children are still to come: its tokens and how many bytes they share.
    var open: [(node: Int?, tokens: Range<Int>, depth: Int)] = [(nil, tokens.indices, 0)]
    var next = 0
    while next < open.count {
      let (node, range, depth) = open[next]
      next += 1
      var start = range.lowerBound
      // Tokens that end here come first.
      while start < range.upperBound, tokens[start].text.count == depth {
        if let node { nodes[node].id = tokens[start].id }
        start += 1
      }
      if let node { nodes[node].firstChild = Int32(nodes.count) }
      while start < range.upperBound {
        let byte = tokens[start].text[tokens[start].text.startIndex + depth]
        var end = start + 1
        while end < range.upperBound,
          tokens[end].text[tokens[end].text.startIndex + depth] == byte
        {
          end += 1
        }
        open.append((nodes.count, start..<end, depth + 1))
        if let node { nodes[node].childCount += 1 } else { roots[Int(byte)] = Int32(nodes.count) }
        nodes.append(Node(byte: byte))
        start = end
      }
    }
  }

  /// Calls `found` for every token that `bytes[start...]` begins with, shortest first, with the
  /// place where it ends.
  @inline(__always)
  func forEachPrefix(
    of bytes: UnsafeRawBufferPointer, from start: Int, _ found: (_ end: Int, _ id: Int32) -> Void
  ) {
    nodes.withUnsafeBufferPointer { nodes in
      var place = Int(roots[Int(bytes[start])])
      var position = start + 1
      while place >= 0 {
        let node = nodes[place]
        if node.id >= 0 { found(position, node.id) }
        guard position < bytes.count else { return }
        place = Self.child(of: node, bytes[position], nodes)
        position += 1
      }
    }
  }

  @inline(__always)
  private static func child(
    of node: Node, _ byte: UInt8, _ nodes: UnsafeBufferPointer<Node>
  ) -> Int {
    var low = Int(node.firstChild)
    var high = low + Int(node.childCount)
    while high - low > scanLimit {
      let middle = (low + high) / 2
      if nodes[middle].byte <= byte { low = middle } else { high = middle }
    }
    while low < high {
      if nodes[low].byte == byte { return low }
      low += 1
    }
    return -1
  }
}
