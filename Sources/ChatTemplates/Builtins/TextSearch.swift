/// Finds a text in others, byte by byte: in UTF-8 no character begins inside another. What it compares
/// it pays for, so that no text makes it slow unnoticed.
struct TextSearch {
  private let wanted: [UInt8]

  init(for wanted: String) { self.wanted = Array(wanted.utf8) }

  /// The first byte of the first occurrence.
  func first(in text: String, _ meter: Meter) throws -> Int? {
    try places(in: Array(text.utf8), limit: 1, meter).first
  }

  /// The first bytes of all occurrences that do not overlap, from the left, at most `limit`. The text
  /// that is looked for is not empty, or only the first place is asked for.
  func places(in text: [UInt8], limit: Int, _ meter: Meter) throws -> [Int] {
    try meter.spend(bytes: text.count)
    guard let first = wanted.first else { return limit > 0 ? [0] : [] }
    var places: [Int] = []
    var index = 0
    while places.count < limit, index + wanted.count <= text.count {
      guard let start = text[index...].firstIndex(of: first), start + wanted.count <= text.count
      else { break }
      var matched = 1
      while matched < wanted.count, text[start + matched] == wanted[matched] { matched += 1 }
      if matched > TemplateLimits.bytesPerStep { try meter.spend(bytes: matched) }
      if matched == wanted.count {
        places.append(start)
        index = start + wanted.count
      } else {
        index = start + 1
      }
    }
    return places
  }

  /// The first byte of the last occurrence.
  func last(in text: [UInt8], _ meter: Meter) throws -> Int? {
    try meter.spend(bytes: text.count)
    guard !wanted.isEmpty else { return text.count }
    var start = text.count - wanted.count
    while start >= 0 {
      var matched = 0
      while matched < wanted.count, text[start + matched] == wanted[matched] { matched += 1 }
      if matched == wanted.count { return start }
      if matched > TemplateLimits.bytesPerStep { try meter.spend(bytes: matched) }
      start -= 1
    }
    return nil
  }

  /// The text with occurrences replaced, at most `count` of them; below 0 means all.
  func replacing(
    in text: String, with replacement: String, count: Int, _ meter: Meter
  ) throws -> String {
    let limit = count < 0 ? Int.max : count
    guard !wanted.isEmpty else {
      return try insertingBetween(text, replacement, limit: limit, meter)
    }
    let bytes = Array(text.utf8)
    let places = try places(in: bytes, limit: limit, meter)
    guard !places.isEmpty else { return text }
    try meter.spend(bytes: replacement.utf8.count, times: places.count)
    var result: [UInt8] = []
    var end = 0
    for place in places {
      result += bytes[end..<place]
      result += replacement.utf8
      end = place + wanted.count
    }
    result += bytes[end...]
    return String(decoding: result, as: UTF8.self)
  }

  /// What Python makes of replacing the empty text: the replacement before every character and at the
  /// end.
  private func insertingBetween(
    _ text: String, _ replacement: String, limit: Int, _ meter: Meter
  ) throws -> String {
    try meter.spend(
      bytes: replacement.utf8.count + 1, times: min(limit, text.unicodeScalars.count + 1))
    var result = String.UnicodeScalarView()
    var inserted = 0
    func insert() {
      guard inserted < limit else { return }
      result.append(contentsOf: replacement.unicodeScalars)
      inserted += 1
    }
    for scalar in text.unicodeScalars {
      insert()
      result.append(scalar)
    }
    insert()
    return String(result)
  }
}
