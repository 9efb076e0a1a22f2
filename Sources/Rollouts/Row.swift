import Tokenizers

/// A completion that grows.
struct Row {
  let id: RowID
  /// Its place among the rows that began together.
  let number: Int
  let stream: RandomStream
  private let limit: Int
  var watch: StopWatch?
  private(set) var ids: [Int] = []
  private var logProbabilities: [Float] = []
  private(set) var finish: FinishReason?
  /// How many tokens a stopper has seen.
  private(set) var seen = 0
  /// Where a stopper ended it; its answer is still to be sampled.
  private(set) var end: ReasoningEnd?
  private var stop: ReasoningStop?

  /// A row of at most `limit` tokens.
  init(id: RowID, number: Int, stream: RandomStream, limit: Int) {
    self.id = id
    self.number = number
    self.stream = stream
    self.limit = limit
  }

  /// Whether nothing more is to be sampled here.
  var isDone: Bool { finish != nil || end != nil }

  /// How many more tokens there can be.
  var room: Int { limit - ids.count }

  /// The number in [0, 1) that draws the next token: of its place in the completion.
  var uniform: Float { stream.uniform(ids.count) }

  mutating func append(_ token: Int, _ logProbability: Float, endTokens: Set<Int>) {
    ids.append(token)
    logProbabilities.append(logProbability)
    if endTokens.contains(token) {
      finish = .endToken
    } else if watch?.sees(token) == true {
      finish = .stopString
    } else if ids.count == limit {
      finish = .length
    }
  }

  /// What a stopper is shown.
  var growing: GrowingCompletion {
    GrowingCompletion(row: number, ids: ids, seen: seen, isFinished: finish != nil)
  }

  /// A stopper saw the row, and perhaps ended it.
  mutating func wasSeen(_ end: ReasoningEnd?) {
    if let end {
      precondition(
        end.kept <= ids.count && end.kept + end.forced.count < limit,
        "\(end.kept) of \(ids.count) tokens and \(end.forced.count) forced ones, at most \(limit)")
    }
    seen = ids.count
    self.end = end
  }

  /// The row that samples the answer of one that was ended; nil for any other.
  var answering: Row? {
    guard let end else { return nil }
    let begun = end.kept + end.forced.count
    var row = Row(
      id: id, number: number, stream: stream, limit: min(limit, begun + end.answerTokens))
    row.ids = ids.prefix(end.kept) + end.forced
    row.logProbabilities = Array(logProbabilities.prefix(end.kept))
    row.stop = ReasoningStop(forced: end.kept..<begun, discarded: ids.count - end.kept)
    return row
  }

  func trajectory(of prompt: Prompt) -> Trajectory {
    Trajectory(
      promptIDs: prompt.ids, completionIDs: ids, logProbabilities: logProbabilities,
      finish: finish ?? .length, stop: stop)
  }
}

/// Looks for stop strings in the text of a completion as it grows.
struct StopWatch {
  private let strings: [String]
  private var decoder: StreamDecoder
  private var tail = ""
  private let longest: Int

  init(strings: [String], decoder: StreamDecoder) {
    self.strings = strings
    self.decoder = decoder
    longest = strings.map(\.unicodeScalars.count).max() ?? 0
  }

  mutating func sees(_ token: Int) -> Bool {
    let new = decoder.append(token)
    guard !new.isEmpty else { return false }
    tail += new
    if strings.contains(where: tail.contains) { return true }
    tail = String(String.UnicodeScalarView(tail.unicodeScalars.suffix(longest)))
    return false
  }
}
