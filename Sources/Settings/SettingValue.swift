/// A setting as a user writes it: in YAML, or after `key=` on the command line.
public enum SettingValue: Sendable, Equatable, CustomStringConvertible {
  /// Nothing: the setting is off or takes its automatic value.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number.
  case int(Int)
  /// A number.
  case double(Double)
  /// A text.
  case string(String)
  /// Several values.
  case list([SettingValue])

  /// Reads a scalar as YAML 1.2's core schema does: `null`, truth values, numbers, otherwise text.
  public init(scalar text: String) {
    switch text {
    case "", "~", "null": self = .null
    case "true": self = .bool(true)
    case "false": self = .bool(false)
    default:
      if let int = Int(text) {
        self = .int(int)
      } else if let double = Double(text), text.contains(where: \.isNumber) {
        self = .double(double)
      } else {
        self = .string(text)
      }
    }
  }

  /// The value as it would be written in a configuration file.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let value):
      SettingValue(scalar: value) == .string(value) && !Self.needsQuotes(value)
        ? value : Self.quoted(value)
    case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    }
  }

  /// Whether YAML would read the plain text as something else.
  private static func needsQuotes(_ text: String) -> Bool {
    text.contains { $0.isNewline || ":#{}[],&*!|>'\"%@`\t".contains($0) }
      || text.first == " " || text.last == " " || text.hasPrefix("- ") || text.hasPrefix("? ")
      || text == "-" || text == "?" || text.hasPrefix("---")
  }

  private static func quoted(_ text: String) -> String {
    let escaped =
      text
      .replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\r\n", with: "\\r\\n").replacing("\n", with: "\\n")
      .replacing("\r", with: "\\r").replacing("\t", with: "\\t")
    return "\"\(escaped)\""
  }
}

/// A Swift type that a setting can have.
public protocol SettingRepresentable: Sendable, Equatable {
  /// What a user has to write, for error messages: `a whole number`.
  static var expectedSetting: String { get }
  /// The value, or nil when what the user wrote does not fit.
  init?(setting: SettingValue)
  /// The value as the user would write it.
  var setting: SettingValue { get }
}

extension Bool: SettingRepresentable {
  /// `true or false`.
  public static var expectedSetting: String { "true or false" }
  /// Takes truth values only.
  public init?(setting: SettingValue) {
    guard case .bool(let value) = setting else { return nil }
    self = value
  }
  /// As YAML.
  public var setting: SettingValue { .bool(self) }
}

extension Int: SettingRepresentable {
  /// `a whole number`.
  public static var expectedSetting: String { "a whole number" }
  /// Takes whole numbers, also written like `1e6`.
  public init?(setting: SettingValue) {
    switch setting {
    case .int(let value): self = value
    case .double(let value):
      guard let whole = Int(exactly: value) else { return nil }
      self = whole
    default: return nil
    }
  }
  /// As YAML.
  public var setting: SettingValue { .int(self) }
}

extension Double: SettingRepresentable {
  /// `a number`.
  public static var expectedSetting: String { "a number" }
  /// Takes finite numbers.
  public init?(setting: SettingValue) {
    switch setting {
    case .int(let value): self = Double(value)
    case .double(let value) where value.isFinite: self = value
    default: return nil
    }
  }
  /// As YAML.
  public var setting: SettingValue { .double(self) }
}

extension String: SettingRepresentable {
  /// `text`.
  public static var expectedSetting: String { "text" }
  /// Takes any scalar: a file may well be called `1`.
  public init?(setting: SettingValue) {
    switch setting {
    case .string(let value): self = value
    case .int, .double, .bool: self = setting.description
    case .null, .list: return nil
    }
  }
  /// As YAML.
  public var setting: SettingValue { .string(self) }
}

extension Optional: SettingRepresentable where Wrapped: SettingRepresentable {
  /// The wrapped type's, `or null`.
  public static var expectedSetting: String { "\(Wrapped.expectedSetting) or null" }
  /// Takes `null` for nil.
  public init?(setting: SettingValue) {
    if setting == .null {
      self = .none
    } else if let value = Wrapped(setting: setting) {
      self = .some(value)
    } else {
      return nil
    }
  }
  /// As YAML.
  public var setting: SettingValue { self?.setting ?? .null }
}

extension Array: SettingRepresentable where Element: SettingRepresentable {
  /// `a list of ...`.
  public static var expectedSetting: String { "a list, each \(Element.expectedSetting)" }
  /// Takes a list, or one value for a list of one.
  public init?(setting: SettingValue) {
    if case .list(let values) = setting {
      var elements: [Element] = []
      for value in values {
        guard let element = Element(setting: value) else { return nil }
        elements.append(element)
      }
      self = elements
    } else if let element = Element(setting: setting) {
      self = [element]
    } else {
      return nil
    }
  }
  /// As YAML.
  public var setting: SettingValue { .list(map(\.setting)) }
}

/// An enumeration whose raw values are what users write.
public protocol SettingChoice: SettingRepresentable, RawRepresentable, CaseIterable
where RawValue == String {}

extension SettingChoice {
  /// `one of a, b, c`.
  public static var expectedSetting: String {
    "one of \(allCases.map(\.rawValue).joined(separator: ", "))"
  }
  /// Takes a raw value. `off` and `on` arrive as text, `true` and `false` do not.
  public init?(setting: SettingValue) {
    guard let text = String(setting: setting) else { return nil }
    self.init(rawValue: text)
  }
  /// As YAML.
  public var setting: SettingValue { .string(rawValue) }
}
