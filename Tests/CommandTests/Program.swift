import Foundation
import Testing

/// The built command, run as users run it.
struct Program {
  /// What a run of the command left.
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Where the build lies: the folder that the test bundle is in.
  static let url: URL? = {
    var candidates = [Bundle.main.bundleURL, Bundle.main.executableURL].compactMap { $0 }
    candidates += CommandLine.arguments.filter { $0.contains("/") }.map { URL(filePath: $0) }
    let package = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    candidates.append(package.appending(path: ".build/debug/laconic"))
    for candidate in candidates {
      var folder = candidate
      // A bundle's executable lies a few folders below its place in the build.
      for _ in 0..<5 {
        let program = folder.appending(path: "laconic")
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: program.path, isDirectory: &isFolder),
          !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: program.path)
        {
          return program
        }
        folder.deleteLastPathComponent()
      }
    }
    return nil
  }()

  /// Starts the command in `folder`.
  static func start(_ arguments: [String], in folder: URL, input: String? = nil) throws -> Started {
    let program = try #require(url, "the command is not built beside the tests")
    return try Started(program, arguments, in: folder, input: input)
  }

  /// Runs the command to its end.
  static func run(_ arguments: [String], in folder: URL, input: String? = nil) throws -> Result {
    try start(arguments, in: folder, input: input).wait()
  }

  /// Runs another program to its end, with the programs in `path` before those of the machine.
  static func run(
    _ program: URL, _ arguments: [String], in folder: URL, path: URL
  ) throws -> Result {
    try Started(program, arguments, in: folder, input: nil, path: path).wait()
  }

  /// A command that goes on.
  final class Started {
    private let process = Process()
    private let output: URL
    private let errors: URL

    fileprivate init(
      _ program: URL, _ arguments: [String], in folder: URL, input: String?, path: URL? = nil
    ) throws {
      let name = UUID().uuidString
      output = folder.appending(path: ".\(name).out")
      errors = folder.appending(path: ".\(name).err")
      for file in [output, errors] { try Data().write(to: file) }
      process.executableURL = program
      process.arguments = arguments
      process.currentDirectoryURL = folder
      var environment = ProcessInfo.processInfo.environment
      // Without a choice, the command would start itself anew to make one.
      environment["OMP_WAIT_POLICY"] = "passive"
      environment["OMP_NUM_THREADS"] = "1"
      if let path {
        environment["PATH"] = path.path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
      }
      process.environment = environment
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      if let input {
        let file = folder.appending(path: ".\(name).in")
        try Data(input.utf8).write(to: file)
        process.standardInput = try FileHandle(forReadingFrom: file)
      } else {
        process.standardInput = FileHandle.nullDevice
      }
      try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// What a user's Ctrl-C sends.
    func interrupt() { kill(process.processIdentifier, SIGINT) }

    // Far longer than any command here takes: only a command that hangs meets it.
    private static let patience: TimeInterval = 120

    func wait() throws -> Result {
      let end = Date(timeIntervalSinceNow: Self.patience)
      while process.isRunning, Date() < end { Thread.sleep(forTimeInterval: 0.01) }
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        Issue.record("the command did not end within \(Self.patience) seconds")
      }
      process.waitUntilExit()
      let status =
        process.terminationReason == .exit
        ? process.terminationStatus : 128 + process.terminationStatus
      return Result(
        status: status, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
  }
}
