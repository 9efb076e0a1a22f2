import Foundation

/// What people read goes to the standard output, what is about the run itself to the standard error.
enum Console {
  static let isTerminal = isatty(STDERR_FILENO) == 1

  static func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// A line that the next one replaces; on anything but a terminal it is an ordinary line.
  static func progress(_ text: String) {
    if isTerminal {
      FileHandle.standardError.write(Data("\r\u{1B}[2K\(text)".utf8))
    } else {
      note(text)
    }
  }

  static func endProgress() {
    if isTerminal { FileHandle.standardError.write(Data("\n".utf8)) }
  }

  /// A warning that cannot be overlooked.
  static func warn(_ text: String) {
    if isTerminal { endProgress() }
    let mark = isTerminal ? "\u{1B}[1;33mwarning:\u{1B}[0m" : "warning:"
    note("\(mark) \(text)")
  }
}

/// Values as JSON on the standard output.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
