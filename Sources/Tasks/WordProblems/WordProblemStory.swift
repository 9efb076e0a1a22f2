/// A chain told as a short text, with sentences whose numbers have nothing to do with the question.
struct WordProblemStory: Hashable, Sendable {
  let chain: QuantityChain
  /// The whole problem.
  let text: String
  /// The one who has the things.
  let name: String
  /// `He` or `She`.
  let pronoun: String
  /// The things.
  let things: String
  /// The numbers that do not matter, in the order of the text.
  let distractors: [Int]

  private static let women = ["Mia", "Nora", "Olga", "Paula", "Rita", "Sara", "Tina", "Vera"]
  private static let men = ["Adam", "Boris", "Carl", "David", "Erik", "Felix", "Hugo", "Ivan"]
  private static let allThings = [
    "stickers", "marbles", "postcards", "buttons", "seashells", "coins", "pencils", "badges",
  ]
  private static let openings = [
    "NAME has START THINGS.", "NAME owns START THINGS.", "There are START THINGS in NAME's box.",
    "NAME starts the week with START THINGS.",
  ]
  private static let gains = [
    "PRONOUN buys N more.", "PRONOUN finds N in a drawer.", "An aunt sends N.",
    "PRONOUN wins N at the fair.", "A friend adds N to the collection.",
  ]
  private static let losses = [
    "PRONOUN gives N to a friend.", "PRONOUN loses N on the way home.",
    "PRONOUN sells N at the market.", "The dog chews up N of them.", "N turn out to be broken.",
  ]
  private static let multiples = [
    "By the summer there are N times as many.", "The collection grows to N times its size.",
  ]
  private static let asides: [(text: String, numbers: ClosedRange<Int>)] = [
    ("The box is N years old.", 2...60), ("It is N degrees outside.", 3...35),
    ("A new box costs N euros.", 3...90), ("The school is N minutes away.", 5...50),
    ("A neighbour has N cats.", 2...6), ("There are N children in the class.", 15...32),
    ("The album has N pages.", 20...99),
  ]
  private static let questions = [
    "How many THINGS are there now?", "How many THINGS does NAME have in the end?",
    "How many THINGS are left?",
  ]
  /// How many there are: none, one, two or three, each alike.
  private static let asideCounts = 0...3

  init(_ chain: QuantityChain, using random: inout SplitMix64) {
    let isWoman = random.integer(below: 2) == 0
    let name = random.element(of: isWoman ? Self.women : Self.men)
    let pronoun = isWoman ? "She" : "He"
    let things = random.element(of: Self.allThings)
    var sentences: [(text: String, aside: Int?)] = [
      (random.element(of: Self.openings).replacingWord("START", "\(chain.start)"), nil)
    ]
    for operation in chain.operations {
      let telling =
        switch operation {
        case .plus: random.element(of: Self.gains)
        case .minus: random.element(of: Self.losses)
        case .times: random.element(of: Self.multiples)
        }
      sentences.append((telling.replacingWord("N", "\(operation.operand)"), nil))
    }
    let count = random.integer(in: Self.asideCounts)
    for index in random.sample(count, below: Self.asides.count) {
      let (aside, numbers) = Self.asides[index]
      let number = random.integer(in: numbers)
      let place = 1 + random.integer(below: sentences.count)
      sentences.insert((aside.replacingWord("N", "\(number)"), number), at: place)
    }
    sentences.append((random.element(of: Self.questions), nil))
    self.chain = chain
    self.name = name
    self.pronoun = pronoun
    self.things = things
    distractors = sentences.compactMap(\.aside)
    text = sentences.map {
      $0.text.replacingWord("NAME", name).replacingWord("PRONOUN", pronoun)
        .replacingWord("THINGS", things)
    }.joined(separator: " ")
  }
}

extension String {
  /// The string with each occurrence of a placeholder, which no letter precedes or follows, replaced.
  func replacingWord(_ placeholder: String, _ replacement: String) -> String {
    var result = ""
    var rest = self[...]
    while let range = rest.firstRange(of: placeholder) {
      let before = rest[..<range.lowerBound].last
      let after = rest[range.upperBound...].first
      let isWord = before?.isLetter != true && after?.isLetter != true
      result += rest[..<range.lowerBound] + (isWord ? replacement : placeholder)
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
