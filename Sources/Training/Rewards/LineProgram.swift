import Foundation

/// A program that answers lines with lines, kept running from batch to batch, in a process group of its
/// own that can be ended whole.
final class LineProgram {
  /// Why a batch has fewer answers than questions.
  enum Failure: Error, Equatable {
    /// Time ran out.
    case timeout
    /// The program ended, or closed its output.
    case ended(status: String, complaint: String)
    /// It wrote more than it was asked, so that no line can be told to be whose answer.
    case superfluous(String)
    /// It wrote a line without an end.
    case endless(bytes: Int)
  }

  // Enough of what a program complained about to see why.
  private static let shownErrorBytes = 2000
  // Enough of an output to recognise it.
  private static let shownOutputBytes = 80
  // A score is short; more without a line feed is no answer.
  private static let maximumLineBytes = 1 << 16
  // What is read or written at once: a pipe's size on Linux.
  private static let chunkBytes = 1 << 16
  // Time to end by itself once its input is closed, and to die once it is killed.
  private static let graceSeconds = 2.0

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()
  private var pending: [UInt8] = []
  private var complaint: [UInt8] = []

  /// Starts `command` in a shell. Python programs write without buffers, so that a line that is printed
  /// arrives.
  ///
  /// - Throws: errors of starting it.
  init(_ command: String) throws {
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONUNBUFFERED"] = "1"
    process.environment = environment
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    for pipe in [input, output, errors] {
      for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
        // Another program that is started later must not hold this one's input open.
        _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
      }
    }
    try process.run()
    // The child has its own; end of file is seen only when no copy is left here.
    try? input.fileHandleForReading.close()
    try? output.fileHandleForWriting.close()
    try? errors.fileHandleForWriting.close()
    for descriptor in [writing, reading, complaining] {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  private var writing: Int32 { input.fileHandleForWriting.fileDescriptor }
  private var reading: Int32 { output.fileHandleForReading.fileDescriptor }
  private var complaining: Int32 { errors.fileHandleForReading.fileDescriptor }

  /// Writes `lines` and reads `count` lines, both as far as they go, within `seconds`.
  ///
  /// - Returns: the lines in their order without line feeds, fewer than `count` with the reason. After a
  ///   failure the program is out of step and of no further use.
  func exchange(
    _ lines: [UInt8], count: Int, seconds: Double
  ) -> (answers: [[UInt8]], failure: Failure?) {
    // A program that ended makes writing fail, not end this one.
    let handler = signal(SIGPIPE, SIG_IGN)
    defer { _ = signal(SIGPIPE, handler) }
    let end = ContinuousClock.now + .seconds(seconds)
    var rest = lines[...]
    var answers: [[UInt8]] = []
    var isOpen = true
    _ = read(reading, into: &pending)
    guard pending.isEmpty else { return ([], superfluous) }
    while answers.count < count {
      guard isOpen else { return (answers, ended()) }
      guard wait(toWrite: !rest.isEmpty, until: end) else { return (answers, .timeout) }
      _ = read(complaining, into: &complaint)
      complaint.removeFirst(max(0, complaint.count - Self.shownErrorBytes))
      isOpen = read(reading, into: &pending)
      write(&rest)
      while answers.count < count, let feed = pending.firstIndex(of: UInt8(ascii: "\n")) {
        answers.append(Array(pending[..<feed]))
        pending.removeFirst(feed + 1)
      }
      guard pending.count <= Self.maximumLineBytes || answers.count == count else {
        return (answers, .endless(bytes: pending.count))
      }
    }
    return (answers, pending.isEmpty ? nil : superfluous)
  }

  private var superfluous: Failure {
    .superfluous(String(decoding: pending.prefix(Self.shownOutputBytes), as: UTF8.self))
  }

  /// Waits until something can be read or written; false when the time is up.
  private func wait(toWrite: Bool, until end: ContinuousClock.Instant) -> Bool {
    let left = (end - .now).components
    let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
    guard milliseconds > 0 else { return false }
    var watched = [reading, complaining].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    if toWrite { watched.append(pollfd(fd: writing, events: Int16(POLLOUT), revents: 0)) }
    // What has ended is ready at once and would be asked for again and again.
    if !isComplaining { watched.remove(at: 1) }
    poll(&watched, nfds_t(watched.count), Int32(clamping: milliseconds))
    return true
  }

  private var isComplaining = true

  /// Reads what there is.
  ///
  /// - Returns: false at the end of the file.
  private func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    let count = Foundation.read(descriptor, &chunk, chunk.count)
    if count > 0 { bytes += chunk[..<count] }
    let isOpen = count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
    if descriptor == complaining && !isOpen { isComplaining = false }
    return isOpen
  }

  /// Writes what can be written now. What a program that reads no further leaves is dropped: it may have
  /// all it needs.
  private func write(_ rest: inout ArraySlice<UInt8>) {
    guard !rest.isEmpty else { return }
    let count = rest.withUnsafeBytes { bytes in
      Foundation.write(writing, bytes.baseAddress, min(bytes.count, Self.chunkBytes))
    }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if errno != EAGAIN && errno != EINTR {
      rest = []
    }
  }

  private func ended() -> Failure {
    stop()
    var last: [UInt8] = []
    while read(complaining, into: &last), !last.isEmpty {
      complaint += last
      last = []
    }
    let text = String(decoding: complaint.suffix(Self.shownErrorBytes), as: UTF8.self)
    let number = process.terminationStatus
    return .ended(
      status: process.terminationReason == .exit ? "status \(number)" : "signal \(number)",
      complaint: text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// Ends the program and all that it has started: by closing its input, and after a moment by force.
  ///
  /// - Parameter patient: whether it is given that moment.
  func stop(patient: Bool = true) {
    try? input.fileHandleForWriting.close()
    let end = Date(timeIntervalSinceNow: patient ? Self.graceSeconds : 0)
    while process.isRunning, Date() < end { usleep(1000) }
    if process.isRunning {
      let group = -process.processIdentifier
      // Where the child leads no group of its own, it alone.
      if kill(group, SIGKILL) != 0 { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }
  }

  deinit { stop(patient: false) }
}
