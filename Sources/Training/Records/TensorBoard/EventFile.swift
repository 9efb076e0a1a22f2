import Foundation

/// A file of scalars that TensorBoard shows, `events.out.tfevents.TIME.HOST.PROCESS`.
///
/// Every part of a run has a file of its own, since TensorBoard reads the files of a folder one after the
/// other and follows only the last.
public final class EventFile {
  private let log: RecordLog

  private static let prefix = "events.out.tfevents."

  /// The file.
  public var url: URL { log.url }

  /// Makes a new file in `folder`.
  ///
  /// - Parameter step: the step after which the run goes on; TensorBoard then forgets what earlier files
  ///   say of later steps. nil for a run that begins.
  /// - Throws: `FileError`.
  public init(in folder: URL, continuingAfter step: Int? = nil) throws {
    let now = Date().timeIntervalSince1970
    // Names sort by time: later than all that are there, even where they were made in this second.
    let seconds = max(Int(now), try Self.latest(in: folder) + 1)
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    log = try RecordLog(
      folder.appending(path: "\(Self.prefix)\(seconds).\(name).\(getpid())"), keeping: 0)
    try append(EventRecord(time: now, step: 0, content: .version))
    if let step { try append(EventRecord(time: now, step: step + 1, content: .start)) }
  }

  /// The seconds in the names of the files that are there; 0 where there are none.
  private static func latest(in folder: URL) throws -> Int {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw FileError("\(folder.path): the folder cannot be read: \(error.localizedDescription)")
    }
    return names.filter { $0.hasPrefix(prefix) }
      .compactMap { $0.dropFirst(prefix.count).split(separator: ".").first.flatMap { Int($0) } }
      .max() ?? 0
  }

  /// Adds the figures of a step, each called `GROUP/NAME`.
  ///
  /// - Throws: `FileError`.
  public func append(_ figures: [String: Double], group: String, step: Int) throws {
    let scalars = figures.sorted { $0.key < $1.key }.map { (name: "\(group)/\($0)", value: $1) }
    try append(
      EventRecord(time: Date().timeIntervalSince1970, step: step, content: .scalars(scalars)))
  }

  private func append(_ record: EventRecord) throws { try log.append(record.framed) }
}

extension Evaluation {
  /// The figures by the names under which they are shown.
  var figures: [String: Double] {
    var figures = [
      "accuracy": sampled.accuracy.value, "tokens": sampled.tokens.value,
      "steps": sampled.steps.value, "truncated": sampled.truncated,
      "greedy_accuracy": greedy.accuracy.value, "greedy_tokens": greedy.tokens.value,
    ]
    for (k, chance) in passAtK { figures["pass@\(k)"] = chance }
    return figures
  }
}
