/// A record of a TensorBoard event file: the message `Event` of TensorFlow's `event.proto`, in the few
/// fields that scalars need.
struct EventRecord {
  /// What the record says.
  enum Content {
    /// The first record of a file.
    case version
    /// The run goes on here: what earlier files say of this step and later ones does not count.
    case start
    /// Figures by name, in this order.
    case scalars([(name: String, value: Double)])
  }

  /// Seconds since 1970.
  let time: Double
  /// The step of the training.
  let step: Int
  let content: Content

  // The version at which TensorBoard goes by start records.
  private static let version = "brain.Event:2"
  // SessionLog.START.
  private static let sessionStart: UInt64 = 1

  /// The record in TFRecord's framing: the length, its checksum, the message, its checksum.
  var framed: [UInt8] {
    let message = message
    let length = littleEndian(UInt64(message.count))
    return length + littleEndian(CRC32C.masked(length)) + message
      + littleEndian(CRC32C.masked(message))
  }

  private var message: [UInt8] {
    var message = ProtobufMessage()
    message.append(1, double: time)
    if step != 0 { message.append(2, varint: UInt64(step)) }
    switch content {
    case .version: message.append(3, bytes: Array(Self.version.utf8))
    case .start:
      var log = ProtobufMessage()
      log.append(1, varint: Self.sessionStart)
      message.append(7, bytes: log.bytes)
    case .scalars(let scalars):
      var summary = ProtobufMessage()
      for (name, value) in scalars {
        var scalar = ProtobufMessage()
        scalar.append(1, bytes: Array(name.utf8))
        scalar.append(2, float: Float(value))
        summary.append(1, bytes: scalar.bytes)
      }
      message.append(5, bytes: summary.bytes)
    }
    return message.bytes
  }
}

/// A message of Protocol Buffers while it is written.
private struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  private mutating func append(key field: Int, wire: Int) { append(UInt64(field << 3 | wire)) }

  private mutating func append(_ varint: UInt64) {
    var rest = varint
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func append(_ field: Int, varint: UInt64) {
    append(key: field, wire: 0)
    append(varint)
  }

  mutating func append(_ field: Int, double: Double) {
    append(key: field, wire: 1)
    bytes += littleEndian(double.bitPattern)
  }

  mutating func append(_ field: Int, bytes content: [UInt8]) {
    append(key: field, wire: 2)
    append(UInt64(content.count))
    bytes += content
  }

  mutating func append(_ field: Int, float: Float) {
    append(key: field, wire: 5)
    bytes += littleEndian(float.bitPattern)
  }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
