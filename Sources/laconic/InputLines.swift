import Foundation

/// The lines of the standard input, for commands that answer line by line.
enum InputLines {
  /// Writes to the standard output what `answer` makes of every line and its number, from 1. A program
  /// that waits for an answer before it writes more is served.
  ///
  /// - Throws: what `answer` throws; what was answered before is written all the same.
  static func answerEach(_ answer: (Data, Int) throws -> Data) throws {
    let newline = UInt8(ascii: "\n")
    var pending = Data()
    var number = 0
    while true {
      let chunk = FileHandle.standardInput.availableData
      pending.append(chunk)
      var output = Data()
      defer { FileHandle.standardOutput.write(output) }
      var start = pending.startIndex
      while let end = pending[start...].firstIndex(of: newline) {
        number += 1
        output.append(try answer(pending[start..<end], number))
        start = end + 1
      }
      pending = Data(pending[start...])
      guard chunk.isEmpty else { continue }
      if !pending.isEmpty { output.append(try answer(pending, number + 1)) }
      return
    }
  }
}

/// A line of the standard input that cannot be used.
struct InputLineError: Error, CustomStringConvertible {
  var line: Int
  var problem: String
  var description: String { "standard input, line \(line): \(problem)" }
}
