/// The members of a JSON object in the order in which they are written; no name is there twice.
///
/// Objects are equal whose members are, in whatever order.
public struct JSONObject: Sendable {
  /// A name and its value.
  public struct Member: Sendable, Hashable {
    /// The name.
    public let key: String
    /// The value.
    public var value: JSONValue
  }

  /// The members.
  public private(set) var members: [Member] = []

  /// An object without members.
  public init() {}

  /// The members sorted by their names' UTF-8 bytes.
  public init(_ members: [String: JSONValue]) {
    self.members = members.map { Member(key: $0.key, value: $0.value) }.sorted(by: Self.byName)
  }

  /// The value of `key`. Setting appends a member that is not there yet; setting nil takes it out.
  public subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      switch (members.firstIndex { $0.key == key }, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): return
      }
    }
  }

  /// The members by name.
  public var dictionary: [String: JSONValue] {
    Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
  }

  /// The members sorted by their names' UTF-8 bytes.
  public var sorted: [Member] { members.sorted(by: Self.byName) }

  /// The parser's object, whose names it has found to be different.
  init(distinct members: [Member]) { self.members = members }

  private static func byName(_ left: Member, _ right: Member) -> Bool {
    left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
  }
}

extension JSONObject: Hashable {
  /// Whether the members are equal, in whatever order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members == right.members
      || (left.members.count == right.members.count && left.dictionary == right.dictionary)
  }

  /// Equal objects have equal hashes.
  public func hash(into hasher: inout Hasher) { hasher.combine(Set(members)) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// The members as written; the last of equal names wins.
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

  init(_ elements: [(String, JSONValue)]) {
    for (key, value) in elements { self[key] = value }
  }
}
