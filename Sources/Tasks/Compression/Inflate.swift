/// Decompresses DEFLATE data (RFC 1951).
struct Inflate {
  /// What is wrong with the data.
  struct Failure: Error, Equatable {
    let found: String
    let expected: String
  }

  private let bytes: [UInt8]
  private var position: Int
  private var bits: UInt64 = 0
  private var bitCount = 0
  private let limit: Int
  private var output: [UInt8] = []

  /// Decompresses the stream that begins at `start`.
  ///
  /// - Returns: The data, and where the stream ends.
  /// - Throws: `Failure` for data that is cut short or invalid, or of more than `limit` bytes.
  static func decompress(
    _ bytes: [UInt8], from start: Int, limit: Int
  ) throws(Failure) -> (data: [UInt8], end: Int) {
    var inflate = Inflate(bytes: bytes, position: start, limit: limit)
    try inflate.blocks()
    // Whole bytes that were read ahead are given back.
    return (inflate.output, inflate.position - inflate.bitCount / 8)
  }

  private init(bytes: [UInt8], position: Int, limit: Int) {
    self.bytes = bytes
    self.position = position
    self.limit = limit
  }

  // MARK: Bits

  private mutating func refill() {
    while bitCount <= 56, position < bytes.count {
      bits |= UInt64(bytes[position]) << UInt64(bitCount)
      position += 1
      bitCount += 8
    }
  }

  private mutating func take(_ count: Int) throws(Failure) -> Int {
    if bitCount < count { refill() }
    guard bitCount >= count else {
      throw Failure(found: "the end of the file inside of compressed data", expected: "more data")
    }
    let value = Int(bits & ((1 << UInt64(count)) - 1))
    bits >>= UInt64(count)
    bitCount -= count
    return value
  }

  // MARK: Blocks

  private mutating func blocks() throws(Failure) {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try stored()
      case 1: try compressed(Self.fixedLiterals, Self.fixedDistances)
      case 2:
        let (literals, distances) = try dynamicCodes()
        try compressed(literals, distances)
      default: throw Failure(found: "a block of kind 3", expected: "kind 0, 1 or 2")
      }
    }
  }

  private mutating func stored() throws(Failure) {
    _ = try take(bitCount % 8)
    let length = try take(16)
    let complement = try take(16)
    guard length ^ complement == 0xFFFF else {
      throw Failure(
        found: "a stored block whose length is damaged", expected: "length and complement")
    }
    try reserve(length)
    for _ in 0..<length { output.append(UInt8(try take(8))) }
  }

  private func reserve(_ count: Int) throws(Failure) {
    guard output.count + count <= limit else {
      throw Failure(found: "more than \(limit) bytes of decompressed data", expected: "less")
    }
  }

  /// The base and extra bits of the length codes 257 to 285 (RFC 1951, 3.2.5).
  private static let lengths: [(base: Int, extra: Int)] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1),
    (17, 1), (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4),
    (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
  ]

  /// The base and extra bits of the distance codes 0 to 29 (RFC 1951, 3.2.5).
  private static let distances: [(base: Int, extra: Int)] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4),
    (49, 4), (65, 5), (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8),
    (1025, 9), (1537, 9), (2049, 10), (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12289, 12),
    (16385, 13), (24577, 13),
  ]

  private mutating func compressed(
    _ literals: HuffmanCode, _ distanceCode: HuffmanCode
  ) throws(Failure) {
    while true {
      let symbol = try decode(literals)
      if symbol < 256 {
        try reserve(1)
        output.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol - 257 < Self.lengths.count else {
        throw Failure(found: "the length code \(symbol)", expected: "257 to 285")
      }
      let (base, extra) = Self.lengths[symbol - 257]
      let length = base + (try take(extra))
      let code = try decode(distanceCode)
      guard code < Self.distances.count else {
        throw Failure(found: "the distance code \(code)", expected: "0 to 29")
      }
      let distance = Self.distances[code].base + (try take(Self.distances[code].extra))
      guard distance <= output.count else {
        throw Failure(found: "a reference to before the data's beginning", expected: "valid data")
      }
      try reserve(length)
      let start = output.count - distance
      for index in 0..<length { output.append(output[start + index]) }
    }
  }

  // MARK: Codes

  private mutating func decode(_ code: HuffmanCode) throws(Failure) -> Int {
    if bitCount < HuffmanCode.longest { refill() }
    guard let (symbol, length) = code.symbol(bits), length <= bitCount else {
      throw Failure(
        found: bitCount < HuffmanCode.longest
          ? "the end of the file inside of compressed data" : "a code that stands for nothing",
        expected: "valid DEFLATE data")
    }
    bits >>= UInt64(length)
    bitCount -= length
    return symbol
  }

  private static let fixedLiterals = HuffmanCode(
    [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112)
      + [Int](repeating: 7, count: 24) + [Int](repeating: 8, count: 8))
  private static let fixedDistances = HuffmanCode([Int](repeating: 5, count: 30))

  /// The order in which the lengths of the length code stand (RFC 1951, 3.2.7).
  private static let order = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  private mutating func dynamicCodes() throws(Failure) -> (HuffmanCode, HuffmanCode) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let lengthCount = try take(4) + 4
    var codeLengths = [Int](repeating: 0, count: Self.order.count)
    for index in 0..<lengthCount { codeLengths[Self.order[index]] = try take(3) }
    let lengthCode = HuffmanCode(codeLengths)
    var lengths: [Int] = []
    let wanted = literalCount + distanceCount
    while lengths.count < wanted {
      switch try decode(lengthCode) {
      case 16:
        guard let last = lengths.last else {
          throw Failure(found: "a repetition of no length", expected: "a code length")
        }
        lengths += [Int](repeating: last, count: 3 + (try take(2)))
      case 17: lengths += [Int](repeating: 0, count: 3 + (try take(3)))
      case 18: lengths += [Int](repeating: 0, count: 11 + (try take(7)))
      case let length: lengths.append(length)
      }
    }
    guard lengths.count == wanted, lengths[256] > 0 else {
      throw Failure(found: "damaged code lengths", expected: "\(wanted) code lengths")
    }
    return (
      HuffmanCode(Array(lengths[..<literalCount])), HuffmanCode(Array(lengths[literalCount...]))
    )
  }
}

/// A canonical Huffman code (RFC 1951, 3.2.2), looked up by its longest word.
struct HuffmanCode {
  static let longest = 15

  /// For every 15 bits: the symbol times 16 plus the length, or -1.
  private var table: [Int32]

  /// The code with words of the given lengths; 0 is no word.
  init(_ lengths: [Int]) {
    table = [Int32](repeating: -1, count: 1 << Self.longest)
    var counts = [Int](repeating: 0, count: Self.longest + 1)
    for length in lengths { counts[length] += 1 }
    counts[0] = 0
    var next = [Int](repeating: 0, count: Self.longest + 2)
    for length in 1...Self.longest { next[length + 1] = (next[length] + counts[length]) << 1 }
    for (symbol, length) in lengths.enumerated() where length > 0 {
      let word = next[length]
      next[length] += 1
      // Too many words for their lengths: the rest stand for nothing.
      guard word < 1 << length else { continue }
      var reversed = 0
      for bit in 0..<length where word >> bit & 1 == 1 { reversed |= 1 << (length - 1 - bit) }
      for entry in stride(from: reversed, to: table.count, by: 1 << length) {
        table[entry] = Int32(symbol << 4 | length)
      }
    }
  }

  /// The symbol whose word the lowest of `bits` are.
  func symbol(_ bits: UInt64) -> (symbol: Int, length: Int)? {
    let entry = table[Int(bits & (1 << UInt64(Self.longest) - 1))]
    return entry < 0 ? nil : (Int(entry >> 4), Int(entry & 15))
  }
}
