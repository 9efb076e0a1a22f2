import Testing

@testable import Settings

private enum Shape: String, SettingChoice { case round, square }

private struct Example: SettingGroup {
  var rate = 0.5
  var count = 3
  var shape = Shape.round
  var limit: Int?
  var names: [String] = []
  static let keys: [SettingKey<Example>] = [
    SettingKey("rate", \.rate, in: 0...1, "a share"),
    SettingKey("count", \.count, in: 1..., "how many"),
    SettingKey("shape", \.shape, "the shape"),
    SettingKey("limit", \.limit, in: 1..., "at most"),
    SettingKey("names", \.names, "names"),
  ]
}

@Test(arguments: [
  ("1", SettingValue.int(1)), ("1e-6", .double(1e-6)), ("true", .bool(true)), ("null", .null),
  ("inf", .string("inf")), ("off", .string("off")), ("a b", .string("a b")), ("-3", .int(-3)),
])
func scalarsAreReadAsYAML(text: String, value: SettingValue) {
  #expect(SettingValue(scalar: text) == value)
}

@Test func laterEntriesWinAndOverridesAreTyped() throws {
  var document = SettingDocument([
    .init(path: "x.rate", value: .double(0.1), origin: "f.yaml:1"),
    .init(path: "x.limit", value: .int(7), origin: "f.yaml:2"),
  ])
  try document.append(override: "x.rate=1")
  try document.append(override: "x.names=[a, b]")
  try document.append(override: "x.limit=null")
  try document.append(override: "x.shape=square")
  var example = Example()
  try example.take(document, section: "x")
  #expect(example.rate == 1)
  #expect(example.names == ["a", "b"])
  #expect(example.limit == nil)
  #expect(example.shape == .square)
}

@Test(arguments: [
  ("x.rate=2", "command line: x.rate is 2, expected a number in 0.0...1.0"),
  ("x.count=0", "command line: x.count is 0, expected a whole number in 1 or more"),
  ("x.count=1.5", "command line: x.count is 1.5, expected a whole number in 1 or more"),
  ("x.shape=oval", "command line: x.shape is oval, expected one of round, square"),
])
func valuesThatDoNotFitAreRefused(override: String, message: String) throws {
  var document = SettingDocument()
  try document.append(override: override)
  var example = Example()
  #expect(throws: SettingError(message)) { try example.take(document, section: "x") }
}

@Test func unknownKeysNameTheNearest() throws {
  var document = SettingDocument()
  try document.append(override: "x.ratte=0.5")
  #expect(
    throws: SettingError("command line: unknown key x.ratte; the nearest key is x.rate")
  ) { try document.requireKnown(Example.paths(section: "x")) }
}

@Test func writtenValuesReadBack() {
  for value in ["plain", "with: colon", "7", "true", "", "a\"b\\c"] {
    let written = SettingValue.string(value).description
    if written.hasPrefix("\"") { continue }
    #expect(SettingValue(scalar: written) == .string(value))
  }
  #expect(SettingValue.string("7").description == "\"7\"")
}
