/// A random number for every place in every completion, without state: what is drawn depends on the
/// seed, the prompt, the completion's index and the position alone, never on batches or order.
public struct RandomStream: Sendable {
  private let base: UInt64

  /// The stream of a seed.
  public init(seed: UInt64) { base = Self.mixed(seed) }

  private init(base: UInt64) { self.base = base }

  /// A stream of its own for a part: a training step, a prompt, a completion.
  public func substream(_ index: UInt64) -> RandomStream {
    RandomStream(base: Self.mixed(base &+ index &* Self.increment &+ Self.increment))
  }

  /// A number in [0, 1) for `position`, with 24 random bits.
  public func uniform(_ position: Int) -> Float {
    let bits = Self.mixed(base &+ UInt64(bitPattern: Int64(position)) &* Self.increment)
    return Float(bits >> 40) * 0x1p-24
  }

  /// 64 random bits for `position`.
  public func bits(_ position: Int) -> UInt64 {
    Self.mixed(base &+ UInt64(bitPattern: Int64(position)) &* Self.increment)
  }

  // SplitMix64 (Steele, Lea and Flood 2014): its increment and its output function.
  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
