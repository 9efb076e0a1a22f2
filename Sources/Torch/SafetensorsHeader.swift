import JSON

/// The header of a safetensors file, checked against the length of the data behind it.
///
/// Format: <https://github.com/huggingface/safetensors#format>. Eight bytes with the header's length
/// (little-endian), the header as JSON, then the data.
struct SafetensorsHeader: Sendable {
  /// One tensor's type, shape and place.
  struct Entry: Sendable, Equatable {
    let name: String
    let type: SafetensorsType
    let shape: [Int]
    /// Bytes of the data, counted from the data's start.
    let bytes: Range<Int>
  }

  /// The length of the number that the file starts with.
  static let prefixLength = 8
  /// The reference implementation's limit on the header.
  static let maximumLength = 100_000_000

  let metadata: [String: String]
  let entries: [Entry]

  /// - Parameters:
  ///   - json: the header's bytes.
  ///   - dataLength: how many bytes follow the header.
  init(json: [UInt8], dataLength: Int, path: String) throws(SafetensorsError) {
    func malformed(_ problem: String) -> SafetensorsError {
      SafetensorsError(kind: .malformedHeader, path: path, problem: problem)
    }
    let root: JSONValue
    do {
      root = try JSONValue(parsing: json)
    } catch {
      throw malformed("the header is not JSON at byte \(error.offset): \(error.problem)")
    }
    guard case .object(let members) = root else {
      throw malformed("the header must be a JSON object, found \(root.summary)")
    }
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    for member in members.members {
      if member.key == "__metadata__" {
        guard case .object(let pairs) = member.value else {
          throw malformed("__metadata__ must be an object, found \(member.value.summary)")
        }
        for pair in pairs.members {
          guard case .string(let text) = pair.value else {
            throw malformed(
              "__metadata__.\(pair.key) must be a string, found \(pair.value.summary)")
          }
          metadata[pair.key] = text
        }
      } else {
        entries.append(try Entry(member, path: path))
      }
    }
    entries.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    var end = 0
    for entry in entries {
      guard entry.bytes.lowerBound == end else {
        let what = entry.bytes.lowerBound < end ? "overlaps the one before it" : "leaves a hole"
        throw SafetensorsError(
          kind: .inconsistentLayout, path: path,
          problem:
            "the tensor \"\(entry.name)\" starts at byte \(entry.bytes.lowerBound) of the data, "
            + "expected \(end): it \(what)")
      }
      end = entry.bytes.upperBound
    }
    guard end == dataLength else {
      throw SafetensorsError(
        kind: .inconsistentLayout, path: path,
        problem: "the header describes \(end) bytes of data, the file has \(dataLength)")
    }
    self.metadata = metadata
    self.entries = entries
  }
}

extension SafetensorsHeader.Entry {
  fileprivate init(_ member: JSONObject.Member, path: String) throws(SafetensorsError) {
    let name = member.key
    func malformed(_ problem: String) -> SafetensorsError {
      SafetensorsError(
        kind: .malformedHeader, path: path, problem: "the tensor \"\(name)\" \(problem)")
    }
    func inconsistent(_ problem: String) -> SafetensorsError {
      SafetensorsError(
        kind: .inconsistentTensor, path: path, problem: "the tensor \"\(name)\" \(problem)")
    }
    func numbers(_ value: JSONValue?, of key: String) throws(SafetensorsError) -> [UInt64] {
      guard let value else { throw malformed("has no \(key)") }
      guard case .array(let elements) = value else {
        throw malformed("has the \(key) \(value.summary), expected a list of integers")
      }
      var numbers: [UInt64] = []
      for element in elements {
        guard let number = element.size else {
          throw malformed("has \(element.summary) in its \(key), expected non-negative integers")
        }
        numbers.append(number)
      }
      return numbers
    }
    guard case .object(let fields) = member.value else {
      throw malformed("is \(member.value.summary), expected an object")
    }
    guard let typeField = fields["dtype"] else { throw malformed("has no dtype") }
    guard case .string(let typeName) = typeField, let type = SafetensorsType(rawValue: typeName)
    else {
      let known = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
      throw malformed("has the dtype \(typeField.summary), expected one of \(known)")
    }
    let sizes = try numbers(fields["shape"], of: "shape")
    let offsets = try numbers(fields["data_offsets"], of: "data_offsets")
    guard offsets.count == 2 else {
      throw malformed("has \(offsets.count) data_offsets, expected 2")
    }
    guard offsets[0] <= offsets[1], offsets[1] <= UInt64(Int.max) else {
      throw inconsistent("has the data_offsets \(offsets), expected begin <= end")
    }
    var byteCount: UInt64 = UInt64(type.byteCount)
    for size in sizes {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
      guard !overflow, product <= UInt64(Int.max), size <= UInt64(Int.max) else {
        throw inconsistent("has the shape \(sizes), more than 64 bits can count")
      }
      byteCount = product
    }
    guard byteCount == offsets[1] - offsets[0] else {
      throw inconsistent(
        "has \(offsets[1] - offsets[0]) bytes, expected \(byteCount) for the shape \(sizes) "
          + "of \(typeName)")
    }
    self.init(
      name: name, type: type, shape: sizes.map { Int($0) },
      bytes: Int(offsets[0])..<Int(offsets[1]))
  }
}

extension JSONValue {
  /// A size or an offset: a whole number from 0 that 64 bits hold.
  fileprivate var size: UInt64? {
    guard case .number(let number) = self, number.literal != "-0" else { return nil }
    return UInt64(number.literal)
  }
}

/// The element types of the format whose elements are whole bytes, in the order in which its
/// reference implementation sorts them.
enum SafetensorsType: String, CaseIterable, Sendable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case float8E8M0 = "F8_E8M0"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  init(_ type: DType) {
    switch type {
    case .bool: self = .bool
    case .uint8: self = .uint8
    case .int8: self = .int8
    case .int16: self = .int16
    case .int32: self = .int32
    case .int64: self = .int64
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .float32: self = .float32
    case .float64: self = .float64
    }
  }

  /// The engine's type; nil where it has none.
  var dtype: DType? {
    switch self {
    case .bool: .bool
    case .uint8: .uint8
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    case .float8E5M2, .float8E4M3, .float8E8M0, .uint16, .uint32, .complex64, .uint64: nil
    }
  }

  var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .complex64, .float64, .int64, .uint64: 8
    }
  }
}
