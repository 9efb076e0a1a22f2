/// A group of settings that lists its own keys: what can be written, where it goes, and what it means.
///
/// One list serves reading, unknown-key errors, `--dry-run`, help, and the comparison with another
/// method's defaults.
public protocol SettingGroup: Sendable {
  /// The defaults.
  init()
  /// Every key, in the order in which it is shown.
  static var keys: [SettingKey<Self>] { get }
}

/// One setting of a group.
public struct SettingKey<Group>: Sendable {
  /// The name in kebab-case, as in `learning-rate`.
  public let name: String
  /// One line on what it means, with the unit.
  public let help: String
  /// What may be written.
  public let expected: String
  private let reading: @Sendable (Group) -> SettingValue
  private let writing: @Sendable (inout Group, SettingValue) -> Bool

  /// A setting that is stored in `property`.
  public init<Value: SettingRepresentable>(
    _ name: String, _ property: WritableKeyPath<Group, Value> & Sendable, _ help: String
  ) {
    self.init(name, property, help, expected: Value.expectedSetting) { _ in true }
  }

  /// A number that must lie in `range`.
  public init<Value: SettingRepresentable & Comparable, Limits: RangeExpression<Value> & Sendable>(
    _ name: String, _ property: WritableKeyPath<Group, Value> & Sendable, in range: Limits,
    _ help: String
  ) {
    self.init(
      name, property, help, expected: "\(Value.expectedSetting) in \(described(range))"
    ) { range.contains($0) }
  }

  /// A number that must lie in `range`, or null.
  public init<Value: SettingRepresentable & Comparable, Limits: RangeExpression<Value> & Sendable>(
    _ name: String, _ property: WritableKeyPath<Group, Value?> & Sendable, in range: Limits,
    _ help: String
  ) {
    self.init(
      name, property, help, expected: "\(Value.expectedSetting) in \(described(range)), or null"
    ) { value in value.map(range.contains) ?? true }
  }

  private init<Value: SettingRepresentable>(
    _ name: String, _ property: WritableKeyPath<Group, Value> & Sendable, _ help: String,
    expected: String, accepts: @escaping @Sendable (Value) -> Bool
  ) {
    self.name = name
    self.help = help
    self.expected = expected
    reading = { $0[keyPath: property].setting }
    writing = { group, setting in
      guard let value = Value(setting: setting), accepts(value) else { return false }
      group[keyPath: property] = value
      return true
    }
  }

  /// The same setting as a member of a larger group.
  public func nested<Outer>(in group: WritableKeyPath<Outer, Group> & Sendable) -> SettingKey<Outer>
  {
    SettingKey<Outer>(
      name: name, help: help, expected: expected,
      reading: { reading($0[keyPath: group]) },
      writing: { writing(&$0[keyPath: group], $1) })
  }

  private init(
    name: String, help: String, expected: String,
    reading: @escaping @Sendable (Group) -> SettingValue,
    writing: @escaping @Sendable (inout Group, SettingValue) -> Bool
  ) {
    self.name = name
    self.help = help
    self.expected = expected
    self.reading = reading
    self.writing = writing
  }

  /// The setting's value in `group`.
  public func value(in group: Group) -> SettingValue { reading(group) }

  /// Sets the value.
  ///
  /// - Returns: false when `value` is not what the setting takes; `group` is then unchanged.
  public func set(_ value: SettingValue, in group: inout Group) -> Bool { writing(&group, value) }
}

private func described<Limits>(_ range: Limits) -> String {
  switch range {
  case let range as PartialRangeFrom<Int>: "\(range.lowerBound) or more"
  case let range as PartialRangeFrom<Double>: "\(range.lowerBound) or more"
  default: "\(range)"
  }
}

extension SettingGroup {
  /// The values of all keys, in the keys' order.
  public var settings: [(name: String, value: SettingValue)] {
    Self.keys.map { ($0.name, $0.value(in: self)) }
  }
}
