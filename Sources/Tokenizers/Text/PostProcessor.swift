/// What a tokenizer puts around the ids of a text.
struct PostProcessor: Sendable, Equatable {
  enum Item: Equatable {
    case text
    case ids([Int])
  }

  var items: [Item] = [.text]

  /// Puts this around what `inner` has made.
  func around(_ inner: PostProcessor) -> PostProcessor {
    PostProcessor(items: items.flatMap { $0 == .text ? inner.items : [$0] })
  }

  func apply(to ids: [Int]) -> [Int] {
    if items == [.text] { return ids }
    var result: [Int] = []
    result.reserveCapacity(ids.count + 2)
    for item in items {
      switch item {
      case .text: result.append(contentsOf: ids)
      case .ids(let added): result.append(contentsOf: added)
      }
    }
    return result
  }
}
