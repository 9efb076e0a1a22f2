import CTorch

/// A seeded source of random tensors whose state can be saved.
public final class RandomGenerator {
  private let handle: OpaquePointer

  /// A generator on `device`.
  ///
  /// - Throws: `TorchError` when the device is not there.
  public init(seed: UInt64, device: Device = .cpu) throws {
    Runtime.start()
    try device.requireAvailable(for: "making a random generator on \(device)")
    guard let handle = ct_generator_new(seed, device.type, device.index) else {
      throw TorchError("making a random generator on \(device)")
    }
    self.handle = handle
  }

  deinit { ct_generator_free(handle) }

  /// The state as bytes.
  public var state: [UInt8] { checked(ct_generator_state(handle)).array() }

  /// Restores what `state` gave.
  ///
  /// - Throws: `TorchError` when the bytes are not a state.
  public func restore(_ state: [UInt8]) throws {
    let bytes = Tensor(state)
    let status = withExtendedLifetime(bytes) { ct_generator_set_state(handle, bytes.handle) }
    guard status == 0 else { throw TorchError("restoring a random generator") }
  }

  /// Uniform numbers in [0, 1).
  public func uniform(_ shape: [Int], dtype: DType = .float32) -> Tensor {
    checked(ct_rand(int64(shape), Int32(shape.count), dtype.rawValue, handle))
  }

  /// Numbers of the standard normal distribution.
  public func normal(_ shape: [Int], dtype: DType = .float32) -> Tensor {
    checked(ct_randn(int64(shape), Int32(shape.count), dtype.rawValue, handle))
  }

  /// 0 ..< count in random order.
  public func permutation(_ count: Int) -> Tensor { checked(ct_randperm(Int64(count), handle)) }
}
