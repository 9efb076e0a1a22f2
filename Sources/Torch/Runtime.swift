import CTorch

/// An error that libtorch raised, with its message.
public struct TorchError: Error, CustomStringConvertible, Equatable {
  /// What went wrong, in libtorch's words after the operation's name.
  public let description: String

  init(_ operation: String, because reason: String = String(cString: ct_last_error())) {
    description = "\(operation): \(reason)"
  }
}

/// What the engine is and how it is set up, for the whole process.
public enum Runtime {
  private static let started: Void = ct_initialize()

  /// Loads the accelerator part of libtorch and sets allocator thresholds, once per process. Tensor
  /// creation calls it, so that nobody has to.
  @inline(__always)
  static func start() { _ = started }

  /// libtorch's version, as `2.13.0`.
  public static var version: String { String(cString: ct_torch_version()) }

  /// How loading libtorch's CUDA half went: `loaded`, or the loader's reason.
  public static var cudaLoadMessage: String {
    start()
    return String(cString: ct_cuda_load_message())
  }

  /// The number of usable CUDA devices.
  public static var cudaDeviceCount: Int {
    start()
    return Int(ct_cuda_device_count())
  }

  /// Whether Apple's Metal backend is usable.
  public static var isMPSAvailable: Bool {
    start()
    return ct_mps_is_available()
  }

  /// The number of threads that one operation may use on the CPU. Part of what fixes every number of
  /// a run: another count may sum in another order.
  public static var threadCount: Int {
    get { Int(ct_thread_count()) }
    set {
      require(newValue > 0, "a thread count of \(newValue)")
      check(ct_set_thread_count(Int32(newValue)))
    }
  }

  /// Makes operations that have a slower deterministic form take it. What is used here is
  /// deterministic on the CPU anyway; on CUDA some additions into shared places are not.
  public static func preferDeterministicAlgorithms(_ preferred: Bool) {
    ct_set_deterministic(preferred)
  }

  /// Waits until everything queued on `device` is done; immediate on the CPU.
  public static func synchronize(_ device: Device) {
    check(ct_synchronize(device.type, device.index))
  }
}

/// The type of a tensor's elements.
public enum DType: Int32, Sendable, CaseIterable {
  /// Unsigned 8-bit integer.
  case uint8 = 0
  /// Signed 8-bit integer.
  case int8 = 1
  /// Signed 16-bit integer.
  case int16 = 2
  /// Signed 32-bit integer.
  case int32 = 3
  /// Signed 64-bit integer, the type of ids and indices.
  case int64 = 4
  /// IEEE half precision.
  case float16 = 5
  /// IEEE single precision.
  case float32 = 6
  /// IEEE double precision.
  case float64 = 7
  /// A truth value in one byte.
  case bool = 11
  /// Brain floating point, 8 exponent bits.
  case bfloat16 = 15

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .int16, .float16, .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether the elements are floating-point numbers, which can have gradients.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .float32, .float64, .bfloat16: true
    default: false
    }
  }
}

/// Where a tensor's elements lie.
public enum Device: Sendable, Hashable, CustomStringConvertible {
  /// The processor's memory.
  case cpu
  /// A CUDA device by its number.
  case cuda(Int)
  /// Apple's Metal device.
  case mps

  /// `cpu`, `cuda:0`, `mps`.
  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let index): "cuda:\(index)"
    case .mps: "mps"
    }
  }

  /// The device of a name as users write it (`cpu`, `cuda`, `cuda:1`, `mps`), or nil for another name.
  public init?(name: String) {
    switch name {
    case "cpu": self = .cpu
    case "mps": self = .mps
    case "cuda": self = .cuda(0)
    default:
      let number = name.dropFirst("cuda:".count)
      guard name.hasPrefix("cuda:"), number.allSatisfy(\.isWholeNumber), let index = Int(number)
      else { return nil }
      self = .cuda(index)
    }
  }

  /// Whether this machine has the device and the loaded libtorch can use it.
  public var isAvailable: Bool { whyUnavailable == nil }

  /// Why the device cannot be used, with what there is instead; nil when it can.
  public var whyUnavailable: String? {
    switch self {
    case .cpu: return nil
    case .mps: return Runtime.isMPSAvailable ? nil : "this machine or libtorch has no Metal device"
    case .cuda(let index):
      let count = Runtime.cudaDeviceCount
      if (0..<count).contains(index) { return nil }
      if count > 0 { return "there are \(count) CUDA devices, cuda:0 to cuda:\(count - 1)" }
      let load = Runtime.cudaLoadMessage
      return load == "loaded"
        ? "there is no CUDA device or no driver for it" : "libtorch's CUDA part: \(load)"
    }
  }

  /// Checks a device that the user chose, before anything is made on it.
  ///
  /// - Throws: `TorchError` with `operation` and why the device cannot be used.
  public func requireAvailable(for operation: String) throws {
    if let reason = whyUnavailable { throw TorchError(operation, because: reason) }
  }

  var type: Int32 {
    switch self {
    case .cpu: Int32(CT_CPU)
    case .cuda: Int32(CT_CUDA)
    case .mps: Int32(CT_MPS)
    }
  }

  var index: Int32 {
    if case .cuda(let index) = self { return Int32(index) }
    return 0
  }

  init(type: Int32, index: Int32) {
    switch type {
    case Int32(CT_CUDA): self = .cuda(Int(index))
    case Int32(CT_MPS): self = .mps
    default: self = .cpu
    }
  }
}

/// Traps with libtorch's message: what failed was a programming error, such as shapes that do not
/// fit each other.
@inline(never)
func trap(_ operation: StaticString) -> Never {
  fatalError("\(TorchError("\(operation)"))")
}

/// Traps with `message` unless `condition` holds. Unlike `precondition`, it says why in release builds
/// too.
@inline(__always)
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}

@inline(__always)
func check(_ status: Int32, _ operation: StaticString = #function) {
  if status != 0 { trap(operation) }
}

@inline(__always)
func checked(_ handle: OpaquePointer?, _ operation: StaticString = #function) -> Tensor {
  guard let handle else { trap(operation) }
  return Tensor(owning: handle)
}
