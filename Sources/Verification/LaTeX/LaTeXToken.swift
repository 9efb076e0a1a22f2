/// A piece of mathematics as it is written, in LaTeX or in plain text.
struct LaTeXToken: Equatable {
  enum Kind: Equatable {
    /// Digits with at most one decimal point, thousands separators removed.
    case number(String)
    /// One letter.
    case letter(Unicode.Scalar)
    /// Letters that make a word outside of a text command.
    case word(String)
    /// A command that stands for a symbol, function or relation, without its backslash.
    case command(String)
    /// The content of a text command.
    case text(String)
    /// A sign, bracket or operator. Unicode forms are turned into ASCII or commands.
    case mark(Character)
    case begin(String)
    case end(String)
    case rowBreak
    case separator(Expression.Joiner)
    /// `...` and its commands.
    case dots
    case ending
  }

  let kind: Kind
  /// White space stands before it.
  var isSpaced = false

  static let ending = LaTeXToken(kind: .ending)
}

/// Names that the lexer and the parser know.
enum LaTeXNames {
  /// Commands that only change how things look; a braced argument after them stays.
  static let invisible: Set<String> = [
    "left", "right", "mleft", "mright", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr",
    "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "bigm", "displaystyle", "textstyle",
    "scriptstyle", "limits", "nolimits", "quad", "qquad", "enspace", "thinspace", "negthinspace",
    "medspace", "thickspace", "nonumber", "notag", "boldsymbol", "bm", "pmb", "underline",
    "boxed", "fbox", "mathord", "mathbin", "mathrel", "rm", "bf", "it", "cal", "tt", "sf", "hline",
    "mathstrut", "strut", "smash", "ensuremath", "leavevmode", "centering", "large", "Large",
    "small", "normalsize", "huge", "Huge", "tiny", "footnotesize", "nobreak", "allowbreak",
    "therefore", "because", "angle", "measuredangle", "triangle",
    "mathcal", "mathfrak", "mathscr", "mathsf", "mathtt", "widehat", "hat", "tilde", "widetilde",
  ]

  /// Commands whose braced argument is read as words.
  static let texts: Set<String> = [
    "text", "textbf", "textit", "textrm", "textnormal", "textsf", "texttt", "textsc", "mbox",
    "hbox",
    "mathrm", "mathbf", "mathit", "operatorname", "emph", "textup", "textmd", "mathnormal",
  ]

  /// Commands with a braced argument that has no meaning here.
  static let swallowing: Set<String> = [
    "hspace", "vspace", "phantom", "hphantom", "vphantom", "color", "label", "tag", "mathchoice",
    "kern", "hskip", "pagecolor", "cssId", "class",
  ]

  /// Functions that are also known without a backslash.
  static let functions: [String: Expression.Function] = [
    "sin": .sin, "cos": .cos, "tan": .tan, "cot": .cot, "sec": .sec, "csc": .csc, "tg": .tan,
    "ctg": .cot, "arcsin": .arcsin, "arccos": .arccos, "arctan": .arctan, "arccot": .arccot,
    "arcsec": .arcsec, "arccsc": .arccsc, "arctg": .arctan, "asin": .arcsin, "acos": .arccos,
    "atan": .arctan, "sinh": .sinh, "cosh": .cosh, "tanh": .tanh, "coth": .coth, "sech": .sech,
    "csch": .csch, "exp": .exp, "ln": .ln, "log": .log, "lg": .log, "abs": .abs, "floor": .floor,
    "ceil": .ceil, "gcd": .gcd, "lcm": .lcm, "max": .max, "min": .min, "Re": .re, "Im": .im,
    "arg": .arg, "sgn": .sign,
  ]

  /// Other words that are mathematics without a backslash.
  static let plainWords: Set<String> = ["sqrt", "pi", "inf", "infinity", "infty", "frac", "cdot"]

  static let relations: [String: Expression.Relation] = [
    "le": .lessOrEqual, "leq": .lessOrEqual, "leqslant": .lessOrEqual, "leqq": .lessOrEqual,
    "ge": .greaterOrEqual, "geq": .greaterOrEqual, "geqslant": .greaterOrEqual,
    "geqq": .greaterOrEqual, "lt": .less, "gt": .greater, "ne": .notEqual, "neq": .notEqual,
    "in": .element, "notin": .notElement, "subset": .subset, "subseteq": .subset,
    "equiv": .congruent, "cong": .other, "sim": .other, "to": .other, "rightarrow": .other,
    "mapsto": .other, "implies": .other, "Rightarrow": .other, "iff": .other,
    "Leftrightarrow": .other, "longrightarrow": .other, "parallel": .other, "perp": .other,
    "supset": .other, "supseteq": .other, "mid": .other, "nmid": .other, "propto": .other,
    "leftrightarrow": .other, "simeq": .other,
  ]

  static let approximations: Set<String> = ["approx", "approxeq", "doteq", "thickapprox"]

  /// Unicode symbols and the command that says the same.
  static let symbols: [Unicode.Scalar: String] = [
    "≤": "le", "⩽": "le", "≦": "le", "≥": "ge", "⩾": "ge", "≧": "ge", "≠": "ne", "≈": "approx",
    "×": "times", "·": "cdot", "⋅": "cdot", "∙": "cdot", "÷": "div", "±": "pm", "∓": "mp",
    "∞": "infty", "π": "pi", "√": "sqrt", "∪": "cup", "∩": "cap", "∈": "in", "∉": "notin",
    "∅": "emptyset", "°": "circ", "º": "circ", "ℝ": "Reals", "ℤ": "Integers", "ℚ": "Rationals",
    "ℕ": "Naturals", "ℂ": "Complexes", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta",
    "ε": "epsilon", "ϵ": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta", "λ": "lambda",
    "μ": "mu", "ν": "nu", "ξ": "xi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ϕ": "phi",
    "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda",
    "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "→": "to", "⇒": "implies", "≡": "equiv",
    "∣": "mid", "⌊": "lfloor", "⌋": "rfloor", "⌈": "lceil", "⌉": "rceil", "⟨": "langle",
    "⟩": "rangle", "∖": "setminus", "′": "prime", "⊂": "subset", "⊆": "subseteq",
  ]

  static let superscripts: [Unicode.Scalar: Character] = [
    "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8",
    "⁹": "9", "⁻": "-", "⁺": "+",
  ]

  static let subscripts: [Unicode.Scalar: Character] = [
    "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "₅": "5", "₆": "6", "₇": "7", "₈": "8",
    "₉": "9",
  ]

  static let vulgarFractions: [Unicode.Scalar: (String, String)] = [
    "½": ("1", "2"), "⅓": ("1", "3"), "⅔": ("2", "3"), "¼": ("1", "4"), "¾": ("3", "4"),
    "⅕": ("1", "5"), "⅖": ("2", "5"), "⅗": ("3", "5"), "⅘": ("4", "5"), "⅙": ("1", "6"),
    "⅚": ("5", "6"), "⅛": ("1", "8"), "⅜": ("3", "8"), "⅝": ("5", "8"), "⅞": ("7", "8"),
  ]

  /// Words that lead over to a result.
  static let connectives: Set<String> = ["so", "thus", "hence", "therefore", "then", "finally"]

  /// The endings of ordinal numbers.
  static let ordinals: Set<String> = ["th", "st", "nd", "rd"]

  /// English words of two letters, which in plain text are no products.
  static let shortWords: Set<String> = [
    "of", "is", "in", "at", "on", "to", "by", "as", "it", "be", "we", "an", "so", "no", "if", "he",
    "us", "me", "my", "do", "go", "up",
  ]

  /// Units of measurement and of counting that stand after a number without a text command.
  static let units: Set<String> = [
    "mm", "cm", "dm", "km", "nm", "in", "ft", "yd", "mi", "inch", "inches", "foot", "feet", "yard",
    "yards", "mile", "miles", "meter", "meters", "metre", "metres", "kilometer", "kilometers",
    "centimeter", "centimeters", "millimeter", "millimeters", "mg", "kg", "lb", "lbs", "oz", "gram",
    "grams", "kilogram", "kilograms", "pound", "pounds", "ounce", "ounces", "ton", "tons", "ml",
    "mL", "liter", "liters", "litre", "litres", "gallon", "gallons", "cup", "cups", "pint", "pints",
    "quart", "quarts", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "hr",
    "hrs", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years",
    "yr",
    "yrs", "mph", "kmh", "kph", "cent", "cents", "dollar", "dollars", "usd", "USD", "euro", "euros",
    "rupee", "rupees", "deg", "degree", "degrees", "radian", "radians", "rad", "unit", "units",
    "sq", "square", "cubic", "cu", "per", "point", "points", "am", "pm", "AM", "PM", "ways",
    "people",
    "times", "Hz", "kHz", "MHz", "Pa", "kPa", "mol", "km/h", "apples", "students", "hectares",
    "acres", "dozen", "ohm", "ohms", "volts", "watts", "eV", "kW",
  ]
}
