import Foundation

/// A moment on the wall clock, for `strftime_now`.
public struct LocalTime: Sendable, Hashable {
  /// The year, for example 2024.
  public let year: Int
  /// The month, 1...12.
  public let month: Int
  /// The day of the month, 1...31.
  public let day: Int
  /// The hour, 0...23.
  public let hour: Int
  /// The minute, 0...59.
  public let minute: Int
  /// The second, 0...60.
  public let second: Int
  /// The microsecond, 0...999999.
  public let microsecond: Int

  /// A moment.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  /// The present moment in the machine's time zone.
  public static func now() -> LocalTime {
    let date = Date()
    let seconds = date.timeIntervalSince1970
    var moment = time_t(seconds.rounded(.down))
    var fields = tm()
    localtime_r(&moment, &fields)
    let fraction = seconds - seconds.rounded(.down)
    return LocalTime(
      year: Int(fields.tm_year) + 1900, month: Int(fields.tm_mon) + 1, day: Int(fields.tm_mday),
      hour: Int(fields.tm_hour), minute: Int(fields.tm_min), second: Int(fields.tm_sec),
      microsecond: min(999_999, Int(fraction * 1_000_000)))
  }

  /// The fields as C has them, the days of week and year worked out.
  private var fields: tm {
    var fields = tm()
    fields.tm_year = Int32(clamping: year - 1900)
    fields.tm_mon = Int32(clamping: month - 1)
    fields.tm_mday = Int32(clamping: day)
    fields.tm_hour = Int32(clamping: hour)
    fields.tm_min = Int32(clamping: minute)
    fields.tm_sec = Int32(clamping: second)
    // In universal time no hour is left out or doubled.
    timegm(&fields)
    fields.tm_isdst = -1
    return fields
  }

  /// Longer formats and results than this are refused.
  private static let longest = 4096

  /// `datetime.strftime` of a moment without a time zone: C's `strftime` in the C locale, with `%f`,
  /// `%z` and `%Z` as Python fills them.
  func formatted(_ format: String) throws -> String {
    var prepared = ""
    var rest = format.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "%", let directive = rest.popFirst() else {
        prepared.unicodeScalars.append(scalar)
        continue
      }
      switch directive {
      case "f": prepared += String(format: "%06d", microsecond)
      case "z", "Z": break
      default:
        prepared += "%"
        prepared.unicodeScalars.append(directive)
      }
    }
    guard !prepared.isEmpty else { return "" }
    guard prepared.utf8.count <= Self.longest, !prepared.utf8.contains(0) else {
      throw Fault(.limit, "a format for the time of more than \(Self.longest) bytes")
    }
    // An empty result and one that is too long read alike, so something is always there.
    var fields = fields
    var buffer = [CChar](repeating: 0, count: 4 * Self.longest)
    let count = strftime(&buffer, buffer.count, prepared + "|", &fields)
    guard count > 0 else {
      throw Fault(.limit, "a time of more than \(4 * Self.longest) bytes")
    }
    return String(decoding: buffer[..<(count - 1)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
