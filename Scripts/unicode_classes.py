"""Writes Sources/Tokenizers/Unicode/UnicodeClassData.swift, UnicodePropertyData.swift and
NormalizationData.swift: what each character class, property and normalization form of a
tokenizer.json means to the reference implementation (PyPI `tokenizers`), asked of it directly.

The parts differ from each other in their Unicode version (its regex engine, its punctuation
and normalization tables and Rust's standard library are of different ages), which is why they are measured and not
taken from one edition of the standard.

    python -m venv .venv && .venv/bin/pip install tokenizers==0.23.3
    .venv/bin/python Scripts/unicode_classes.py
"""

import pathlib
import unicodedata

from tokenizers import Regex, __version__, normalizers, pre_tokenizers

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, SCALARS))
# The digits of `PackedNumbers`: printable ASCII from "$" on, without the backslash.
DIGITS = "".join(chr(c) for c in range(36, 127) if chr(c) != "\\")[:64]


def removed(pre_tokenizer):
    """The scalars that a pre-tokenizer with the behavior "removed" takes out."""
    left = set()
    for _, (start, end) in pre_tokenizer.pre_tokenize_str(TEXT):
        left.update(range(start, end))
    return {c for i, c in enumerate(SCALARS) if i not in left}


def regex(pattern):
    return removed(pre_tokenizers.Split(Regex(pattern), "removed"))


def chunks():
    for start in range(0, len(SCALARS), 4096):
        yield SCALARS[start : start + 4096]


def numeric():
    found = set()
    for chunk in chunks():
        text = "a" + "a".join(map(chr, chunk))
        for piece, (start, _) in pre_tokenizers.Digits(True).pre_tokenize_str(text):
            if start % 2 == 1 and len(piece) == 1:
                found.add(ord(piece))
    return found - {ord("a")}


def word():
    found = set()
    for chunk in chunks():
        text = " ".join("a" + chr(c) for c in chunk)
        for piece, _ in pre_tokenizers.Whitespace().pre_tokenize_str(text):
            if len(piece) == 2 and piece[0] == "a":
                found.add(ord(piece[1]))
    return found


def normalized_to(normalizer, result):
    return {c for c in SCALARS if normalizer.normalize_str(chr(c)) == result}


def bert(**flags):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **flags})


def composition_may_change():
    """Everything but the scalars that canonical composition leaves alone whatever surrounds them."""
    unsafe = set()
    nfc, nfd = normalizers.NFC(), normalizers.NFD()
    for c in SCALARS:
        if unicodedata.combining(chr(c)) or nfc.normalize_str(chr(c)) != chr(c):
            unsafe.add(c)
        decomposed = nfd.normalize_str(chr(c))
        if len(decomposed) > 1:
            unsafe.update(ord(x) for x in decomposed[1:])
    unsafe.update(range(0x1161, 0x1176))  # Hangul vowels and trailing consonants
    unsafe.update(range(0x11A8, 0x11C3))
    return unsafe


# Order is the bit's number; names as in UnicodeClasses.swift.
CLASSES = [
    ("letter", regex(r"\p{L}")),
    ("number", regex(r"\p{N}")),
    ("mark", regex(r"\p{M}")),
    ("whitespace", regex(r"\s")),
    ("punctuation", removed(pre_tokenizers.Punctuation("removed"))),
    ("numeric", numeric()),
    ("word", word()),
    ("bertControl", normalized_to(bert(clean_text=True), "")),
    ("bertAccent", normalized_to(bert(strip_accents=True), "")),
    ("combining", normalized_to(normalizers.StripAccents(), "")),
    ("compositionMayChange", composition_may_change()),
]


def varint(value):
    """Little-endian groups of five bits, the sixth bit says that more follow."""
    out = ""
    while True:
        low, value = value & 31, value >> 5
        out += DIGITS[low | (32 if value else 0)]
        if not value:
            return out


def wrapped(text, width=92):
    return "\n".join("    " + text[i : i + width] for i in range(0, len(text), width))


def write(name, body):
    target = pathlib.Path(__file__).parent.parent / "Sources/Tokenizers/Unicode" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    head = f"// Made by Scripts/unicode_classes.py from tokenizers {__version__}; do not edit.\n"
    target.write_text(head + body)


def write_classes():
    bits = [0] * 0x110000
    for bit, (_, members) in enumerate(CLASSES):
        for c in members:
            bits[c] |= 1 << bit
    palette, encoded, start = [], "", 0
    for c in range(1, 0x110001):
        if c == 0x110000 or bits[c] != bits[start]:
            if bits[start] not in palette:
                palette.append(bits[start])
            encoded += varint(c - start) + varint(palette.index(bits[start]))
            start = c
    rows = [palette[i : i + 11] for i in range(0, len(palette), 11)]
    rows = "\n".join("    " + " ".join(f"0x{value:04X}," for value in row) for row in rows)
    write(
        "UnicodeClassData.swift",
        "\n/// The runs of equal class over all code points, in order: length and place in the\n"
        "/// palette, as numbers of `PackedNumbers`.\n"
        f"enum UnicodeClassData {{\n  static let palette: [UInt16] = [\n{rows}\n  ]\n\n"
        f'  static let runs: StaticString = #"""\n{wrapped(encoded)}\n    """#\n}}\n',
    )


# Every general category, in the order of the palette, and the scripts that expressions name.
CATEGORIES = (
    "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn").split()
SCRIPTS = "Arabic Cyrillic Devanagari Greek Han Hangul Hebrew Hiragana Katakana Latin Thai".split()


def write_properties():
    category = [CATEGORIES.index("Cn")] * 0x110000
    for index, name in enumerate(CATEGORIES):
        for c in regex(rf"\p{{{name}}}"):
            category[c] = index
    encoded, start = "", 0
    for c in range(1, 0x110001):
        if c == 0x110000 or category[c] != category[start]:
            encoded += varint(c - start) + varint(category[start])
            start = c

    def runs(members):
        """Distance from the end of the run before and length of each run."""
        text, end, ordered = "", 0, sorted(members)
        for i, c in enumerate(ordered):
            if i == 0 or c != ordered[i - 1] + 1:
                start = c
            if i + 1 == len(ordered) or ordered[i + 1] != c + 1:
                text += varint(start - end) + varint(c + 1 - start)
                end = c + 1
        return text

    sets = {**{script: regex(rf"\p{{{script}}}") for script in SCRIPTS}, "word": regex(r"\w")}
    named = ",\n".join(
        f'    "{name}": #"""\n{wrapped(runs(members))}\n    """#' for name, members in sets.items())
    rows = [CATEGORIES[i : i + 12] for i in range(0, len(CATEGORIES), 12)]
    names = "\n".join("    " + " ".join(f'"{name}",' for name in row) for row in rows)
    write(
        "UnicodePropertyData.swift",
        "\n/// What regular expressions call properties, as numbers of `PackedNumbers`.\n"
        "enum UnicodePropertyData {\n"
        "  /// The general categories; every code point has one.\n"
        f"  static let categories = [\n{names}\n  ]\n\n"
        "  /// The runs of equal category over all code points: length and place in `categories`.\n"
        f'  static let runs: StaticString = #"""\n{wrapped(encoded)}\n    """#\n\n'
        "  /// Scripts and (`word`) what `\\w` matches: distance from the end of the run before, and length.\n"
        f"  static let sets: [String: StaticString] = [\n{named},\n  ]\n}}\n",
    )


def write_normalization():
    nfc, nfd, nfkd = normalizers.NFC(), normalizers.NFD(), normalizers.NFKD()
    hangul = range(0xAC00, 0xAC00 + 11172)
    canonical, compatible, orders = "", "", ""
    last = [0, 0]
    for c in SCALARS:
        if c in hangul:
            continue
        full = nfd.normalize_str(chr(c))
        if full != chr(c):
            # The low bit says that canonical composition makes this scalar again.
            primary = len(full) > 1 and nfc.normalize_str(full) == chr(c)
            canonical += varint(c - last[0]) + varint(len(full) * 2 + primary)
            canonical += "".join(varint(ord(x)) for x in full)
            last[0] = c
        wide = nfkd.normalize_str(chr(c))
        if wide != full:
            compatible += varint(c - last[1]) + varint(len(wide))
            compatible += "".join(varint(ord(x)) for x in wide)
            last[1] = c
    # Combining classes never change; which scalars have one is seen by whether they move before
    # U+0345, whose class 240 is the highest.
    classes = {0x345: 240}
    for c in SCALARS:
        if nfd.normalize_str("\u0345" + chr(c))[0] != "\u0345" and len(nfd.normalize_str(chr(c))) == 1:
            classes[c] = unicodedata.combining(nfd.normalize_str(chr(c)))
            assert classes[c], hex(c)
    end = 0
    members = sorted(c for c in classes if nfd.normalize_str(chr(c)) == chr(c))
    while members:
        start, length = members[0], 0
        while length < len(members) and members[length] == start + length and (
            classes[members[length]] == classes[start]
        ):
            length += 1
        orders += varint(start - end) + varint(length) + varint(classes[start])
        end, members = start + length, members[length:]
    write(
        "NormalizationData.swift",
        "\n/// Full decompositions and combining classes, as numbers of `PackedNumbers`; Hangul\n"
        "/// syllables are computed.\n"
        "enum NormalizationData {\n"
        "  /// Distance from the scalar before; twice the length, plus 1 for what composes again; the\n"
        "  /// canonical decomposition.\n"
        f'  static let canonical: StaticString = #"""\n{wrapped(canonical)}\n    """#\n\n'
        "  /// Distance from the scalar before; length; the compatibility decomposition, where it\n"
        "  /// differs from the canonical one.\n"
        f'  static let compatible: StaticString = #"""\n{wrapped(compatible)}\n    """#\n\n'
        "  /// Distance from the end of the run before; length; the run's combining class.\n"
        f'  static let combiningClasses: StaticString = #"""\n{wrapped(orders)}\n    """#\n}}\n',
    )


write_classes()
write_properties()
write_normalization()
