extension StringProtocol {
  /// The text without white space at its ends.
  func trimmingWhitespace() -> String {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }

  /// What follows the last `mark` (ASCII), or nil when the text has none.
  func suffix(afterLast mark: String) -> String? {
    let bytes = Array(utf8)
    let wanted = Array(mark.utf8)
    var start = bytes.count - wanted.count
    while start >= 0 {
      if bytes[start...].starts(with: wanted) {
        return String(decoding: bytes[(start + wanted.count)...], as: UTF8.self)
      }
      start -= 1
    }
    return nil
  }
}
