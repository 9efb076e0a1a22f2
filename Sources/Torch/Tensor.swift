import CTorch

/// A multi-dimensional array in libtorch, released when its last Swift reference goes.
///
/// Operations trap with libtorch's message when shapes, types or devices do not fit each other: that
/// is a programming error. What depends on the user's input (files, devices) throws instead.
/// Dimensions are counted from 0; negative ones count from the end.
public final class Tensor {
  let handle: OpaquePointer

  init(owning handle: OpaquePointer) { self.handle = handle }

  deinit { ct_tensor_free(handle) }

  /// The size of every dimension.
  public var shape: [Int] {
    (0..<rank).map { Int(ct_size(handle, Int32($0))) }
  }

  /// The number of dimensions.
  public var rank: Int { Int(ct_rank(handle)) }

  /// The number of elements.
  public var count: Int { Int(ct_element_count(handle)) }

  /// The size of one dimension.
  public func size(_ dim: Int) -> Int {
    let size = ct_size(handle, Int32(dim))
    require(size >= 0, "dimension \(dim) of a tensor of shape \(shape)")
    return Int(size)
  }

  /// The type of the elements.
  public var dtype: DType {
    guard let dtype = DType(rawValue: ct_dtype(handle)) else {
      fatalError(
        "a tensor of libtorch's type \(ct_dtype(handle)), which is not in use here")
    }
    return dtype
  }

  /// Where the elements lie.
  public var device: Device { Device(type: ct_device_type(handle), index: ct_device_index(handle)) }
}

// MARK: - Creation

/// A Swift type whose values are a tensor's elements as they are.
public protocol TensorElement: BitwiseCopyable {
  /// The element type in the engine.
  static var dtype: DType { get }
}

extension Float: TensorElement {
  /// Single precision.
  public static var dtype: DType { .float32 }
}
extension Double: TensorElement {
  /// Double precision.
  public static var dtype: DType { .float64 }
}
extension Int: TensorElement {
  /// 64-bit integers, the type of ids and indices.
  public static var dtype: DType { .int64 }
}
extension Int32: TensorElement {
  /// 32-bit integers.
  public static var dtype: DType { .int32 }
}
extension UInt8: TensorElement {
  /// Bytes.
  public static var dtype: DType { .uint8 }
}
extension Bool: TensorElement {
  /// Truth values.
  public static var dtype: DType { .bool }
}

extension Tensor {
  /// A tensor on the CPU with the given elements in row-major order; `shape` defaults to one dimension.
  public convenience init<Element: TensorElement>(_ elements: [Element], shape: [Int]? = nil) {
    Runtime.start()
    let shape = shape ?? [elements.count]
    require(
      shape.reduce(1, *) == elements.count,
      "\(elements.count) elements do not fill the shape \(shape)")
    let handle = elements.withUnsafeBytes { bytes in
      ct_from_host(bytes.baseAddress, int64(shape), Int32(shape.count), Element.dtype.rawValue)
    }
    guard let handle else { trap(#function) }
    self.init(owning: handle)
  }

  /// A tensor with the given elements on a device that is known to be there.
  public convenience init<Element: TensorElement>(
    _ elements: [Element], shape: [Int]? = nil, on device: Device
  ) {
    if device == .cpu {
      self.init(elements, shape: shape)
    } else {
      let host = Tensor(elements, shape: shape)
      guard let moved = ct_to(host.handle, Element.dtype.rawValue, device.type, device.index) else {
        trap(#function)
      }
      self.init(owning: moved)
    }
  }

  /// A scalar (no dimensions).
  public convenience init<Element: TensorElement>(scalar: Element) {
    self.init([scalar], shape: [])
  }

  /// Rows of equal length as a matrix `[rows, columns]`.
  public convenience init<Element: TensorElement>(rows: [[Element]], on device: Device = .cpu) {
    let columns = rows.first?.count ?? 0
    require(rows.allSatisfy { $0.count == columns }, "rows of different lengths")
    self.init(rows.flatMap { $0 }, shape: [rows.count, columns], on: device)
  }

  /// All elements the same.
  public static func full(
    _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    Runtime.start()
    return checked(
      ct_full(
        int64(shape), Int32(shape.count), value, dtype.rawValue, device.type, device.index))
  }

  /// All elements zero.
  public static func zeros(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    full(shape, 0, dtype: dtype, device: device)
  }

  /// All elements one.
  public static func ones(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    full(shape, 1, dtype: dtype, device: device)
  }

  /// Memory that has not been written; every element must be assigned before it is read.
  public static func uninitialized(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    Runtime.start()
    return checked(
      ct_empty(int64(shape), Int32(shape.count), dtype.rawValue, device.type, device.index))
  }

  /// `0, 1, ...` below `end`.
  public static func arange(_ end: Int, dtype: DType = .int64, device: Device = .cpu) -> Tensor {
    arange(0, end, dtype: dtype, device: device)
  }

  /// `start, start + 1, ...` below `end`.
  public static func arange(
    _ start: Int, _ end: Int, dtype: DType = .int64, device: Device = .cpu
  ) -> Tensor {
    Runtime.start()
    return checked(
      ct_arange(Double(start), Double(end), 1, dtype.rawValue, device.type, device.index))
  }

  /// A tensor of zeros with this one's type and device.
  public func zeros(_ shape: [Int]) -> Tensor { .zeros(shape, dtype: dtype, device: device) }
}

// MARK: - Reading

extension Tensor {
  /// All elements in row-major order, converted to `Element`.
  public func array<Element: TensorElement>(of type: Element.Type = Element.self) -> [Element] {
    let source = dtype == Element.dtype ? self : to(Element.dtype)
    return withExtendedLifetime(source) {
      [Element](unsafeUninitializedCapacity: source.count) { elements, count in
        let byteCount = source.count * MemoryLayout<Element>.size
        check(ct_copy_to_host(source.handle, elements.baseAddress, byteCount))
        count = source.count
      }
    }
  }

  /// Calls `body` with the elements' bytes in row-major order, copying them only when they do not
  /// lie that way in host memory already.
  func withHostBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let host = withoutGradients {
      checked(ct_to(handle, dtype.rawValue, Device.cpu.type, 0)).contiguous()
    }
    return try withExtendedLifetime(host) {
      let start = ct_host_data(host.handle)
      let byteCount = start == nil ? 0 : count * dtype.byteCount
      return try body(UnsafeRawBufferPointer(start: start, count: byteCount))
    }
  }

  /// All elements as single precision.
  public var floats: [Float] { array() }
  /// All elements as double precision.
  public var doubles: [Double] { array() }
  /// All elements as integers.
  public var ints: [Int] { array() }

  /// The only element, as a double.
  public var item: Double {
    var value = 0.0
    check(ct_item_double(handle, &value))
    return value
  }

  /// The only element, as an integer.
  public var intItem: Int {
    var value: Int64 = 0
    check(ct_item_int(handle, &value))
    return Int(value)
  }
}

extension Tensor: CustomStringConvertible {
  /// Shape, type, device and the first few elements.
  public var description: String {
    let shown = 8
    let head = reshaped([-1]).narrow(0, from: 0, count: Swift.min(shown, count)).doubles
    let dots = count > shown ? ", ..." : ""
    return
      "Tensor(\(shape), \(dtype), \(device): \(head.map { "\($0)" }.joined(separator: ", "))\(dots))"
  }
}

@inline(__always)
func int64(_ values: [Int]) -> [Int64] { values.map(Int64.init) }

/// Calls `body` with the handles of `tensors` in C's layout.
func withHandles<Result>(
  _ tensors: [Tensor], _ body: (UnsafePointer<OpaquePointer?>, Int32) -> Result
) -> Result {
  let handles: [OpaquePointer?] = tensors.map { $0.handle }
  return withExtendedLifetime(tensors) {
    handles.withUnsafeBufferPointer { buffer in
      withUnsafePointer(to: nil as OpaquePointer?) { empty in
        body(buffer.baseAddress ?? empty, Int32(handles.count))
      }
    }
  }
}
