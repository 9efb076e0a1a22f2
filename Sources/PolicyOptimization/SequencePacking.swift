import Settings

/// A plan that lays sequences densely into rows of one capacity (DPPO's dense prompt packing, arXiv
/// 2603.04135; best fit within a window).
public struct SequencePacking: Sendable {
  /// T_max: tokens of a row.
  public let capacity: Int
  /// W: how many waiting sequences are looked at.
  public let window: Int

  /// A plan for rows of `capacity` tokens.
  public init(capacity: Int, window: Int) {
    precondition(capacity > 0 && window > 0, "rows hold a token, and a sequence is looked at")
    self.capacity = capacity
    self.window = window
  }

  /// The rows, each the places of its sequences in the order of placement: a row opens with the oldest
  /// waiting sequence and then takes, among the first W waiting, the longest that still fits (the oldest
  /// of equals) until none does.
  ///
  /// - Throws: `SettingError` naming the first sequence that is longer than a row.
  public func rows(lengths: [Int]) throws -> [[Int]] {
    if let place = lengths.firstIndex(where: { $0 > capacity }) {
      throw SettingError(
        "sequence \(place) has \(lengths[place]) tokens, more than a row's \(capacity)")
    }
    return rows(fitting: lengths)
  }

  /// The rows of sequences that are known to fit.
  public func rows(fitting lengths: [Int]) -> [[Int]] {
    var waiting = Array(lengths.indices)
    var rows: [[Int]] = []
    while !waiting.isEmpty {
      var row = [waiting.removeFirst()]
      var room = capacity - lengths[row[0]]
      while let index = bestFit(waiting, lengths: lengths, room: room) {
        let place = waiting.remove(at: index)
        row.append(place)
        room -= lengths[place]
      }
      rows.append(row)
    }
    return rows
  }

  private func bestFit(_ waiting: [Int], lengths: [Int], room: Int) -> Int? {
    let fitting = waiting.prefix(window).indices.filter { lengths[waiting[$0]] <= room }
    return fitting.max { left, right in
      (lengths[waiting[left]], -left) < (lengths[waiting[right]], -right)
    }
  }

  /// The share of the rows' room that holds tokens; 1 without rows.
  public func fill(_ rows: [[Int]], lengths: [Int]) -> Double {
    guard !rows.isEmpty else { return 1 }
    let used = rows.joined().reduce(0) { $0 + lengths[$1] }
    return Double(used) / Double(rows.count * capacity)
  }
}
