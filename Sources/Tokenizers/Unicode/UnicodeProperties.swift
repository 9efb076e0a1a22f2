/// The sets of scalars that `\p{...}`, `\s`, `\d` and `\w` name in a regular expression, as the
/// reference implementation's engine has them (see `Scripts/unicode_classes.py`).
enum UnicodeProperties {
  /// By category (`Lu`), group of categories (`L`) and script (`Han`).
  private static let sets: [String: ScalarSet] = {
    var members: [String: [Range<UInt32>]] = [:]
    let names = UnicodePropertyData.categories
    PackedNumbers.read(UnicodePropertyData.runs) { numbers in
      var start: UInt32 = 0
      while let length = numbers.next(), let index = numbers.next() {
        members[names[Int(index)], default: []].append(start..<start + length)
        start += length
      }
    }
    var sets = members.mapValues { ScalarSet($0) }
    for name in names {
      let group = String(name.prefix(1))
      sets[group] = (sets[group] ?? ScalarSet()).union(sets[name] ?? ScalarSet())
    }
    for (name, data) in UnicodePropertyData.sets {
      var ranges: [Range<UInt32>] = []
      PackedNumbers.read(data) { numbers in
        var end: UInt32 = 0
        while let distance = numbers.next(), let length = numbers.next() {
          ranges.append(end + distance..<end + distance + length)
          end += distance + length
        }
      }
      sets[name] = ScalarSet(ranges)
    }
    return sets
  }()

  /// `\p{name}`, `nil` where the name is not known here.
  static func set(named name: String) -> ScalarSet? { name == "word" ? nil : sets[name] }

  /// `\w`.
  static let word = sets["word"] ?? ScalarSet()
  /// `\d`.
  static let digit = sets["Nd"] ?? ScalarSet()
  /// `\s`.
  static let whitespace: ScalarSet = {
    var ranges: [Range<UInt32>] = []
    for scalar in 0..<ScalarSet.limit
    where UnicodeClassTable.shared[scalar].contains(.whitespace) {
      ranges.append(scalar..<scalar + 1)
    }
    return ScalarSet(ranges)
  }()
}
