extension Problem {
  /// The column of a data file that lists a problem's entities.
  public static let entitiesColumn = "entities"

  /// The entities of the column `entities`: a list of phrases, each a string or a list of forms of which
  /// the first is the entity's own. An entity that stands twice counts once. None without the column.
  ///
  /// - Parameter file: the data file, for messages.
  /// - Throws: `DataError` for a column of another form, or an empty phrase, which every text contains.
  public func entities(in file: String) throws(DataError) -> [Entity] {
    guard let column = metadata[Self.entitiesColumn], column != .null else { return [] }
    guard let items = column.array else {
      throw error(.wrongType, file, found: "\(column.kind) in column \"entities\"")
    }
    var entities: [Entity] = []
    for item in items {
      let forms: [String]
      switch item {
      case .string(let phrase): forms = [phrase]
      case .array(let phrases):
        forms = phrases.compactMap(\.string)
        guard forms.count == phrases.count, !forms.isEmpty else {
          throw error(.wrongType, file, found: "a list without or not only of strings")
        }
      default: throw error(.wrongType, file, found: "\(item.kind) among the entities")
      }
      guard let entity = Entity(forms) else {
        throw error(.invalidValue, file, found: "an empty phrase among the entities")
      }
      entities.append(entity)
    }
    return entities.withoutRepetitions
  }

  private func error(_ reason: DataError.Reason, _ file: String, found: String) -> DataError {
    DataError(
      reason, file: file, line: line, found: found,
      expected: "a list of phrases, each a non-empty string or a list of such strings")
  }
}

extension [Entity] {
  /// The entities, those of one name only once.
  var withoutRepetitions: [Entity] {
    var names: Set<String> = []
    return filter { names.insert($0.forms[0]).inserted }
  }
}
