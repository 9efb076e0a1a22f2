/// How answers are found and compared. The standard values are Math-Verify's, with one exception that
/// is named.
public struct VerifierOptions: Sendable, Hashable {
  /// What counts as mathematics in a text.
  public struct Notation: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: Int

    /// A set of notations.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// LaTeX between dollars, `\( \)`, `\[ \]` or in `\boxed{}`.
    public static let latex = Notation(rawValue: 1)
    /// Numbers and sums of numbers in plain text, and whole texts without any mark.
    public static let plain = Notation(rawValue: 2)
  }

  /// A number with a decimal point equals another one that rounds to the same at so many places.
  /// Values outside of 0 to 50 count as the nearest of these.
  public var decimalPlaces = 6
  /// Whether an inequality is accepted where the gold answer is a set, as in -2 ≤ x ≤ 7 for [-2, 7]. The
  /// reverse is always accepted. Math-Verify's `allow_set_relation_comp`, which is off there.
  public var acceptsRelationsForSets = true
  /// What is read.
  public var notation: Notation = [.latex, .plain]

  /// The standard values.
  public init() {}
}
