import Rollouts

/// Which problems a step takes: every pass over the data has an order of its own, fixed by the seed,
/// and a step's problems follow from its number alone, so that a resumed run needs no state.
public struct ProblemOrder: Sendable {
  private let count: Int
  private let stream: RandomStream

  /// An order of `count` problems, at least one.
  public init(count: Int, seed: UInt64) {
    precondition(count > 0, "no problems to order")
    self.count = count
    stream = RandomStream(seed: seed)
  }

  /// The problems number `start ..< start + size` of the endless sequence of passes.
  public func indices(from start: Int, count size: Int) -> [Int] {
    indices(at: start..<start + size)
  }

  /// The problems at some places of the endless sequence of passes. The order of a pass is made once for
  /// all neighbours that lie in it.
  func indices(at places: some Sequence<Int>) -> [Int] {
    var result: [Int] = []
    var pass = -1
    var order: [Int] = []
    for position in places {
      if position / count != pass {
        pass = position / count
        order = permutation(pass)
      }
      result.append(order[position % count])
    }
    return result
  }

  /// Fisher and Yates's shuffle; the modulo's bias is below 2^-40 for any data set that fits a disk.
  private func permutation(_ pass: Int) -> [Int] {
    let stream = self.stream.substream(UInt64(pass))
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(index, Int(stream.bits(index) % UInt64(index + 1)))
    }
    return order
  }
}
