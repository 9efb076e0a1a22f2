"""Writes Tests/TokenizersTests/Fixtures/*.json: odd texts (texts.json), small tokenizers of several
families and what the reference implementation (PyPI `tokenizers`) makes of the texts with them,
case by case.

    python -m venv .venv
    .venv/bin/pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf
    .venv/bin/python Scripts/golden/tokenizer_families.py
"""

import inspect
import json
import pathlib
import random
import sys
import tempfile

from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
    trainers,
)

SCRIPTS = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(SCRIPTS))
import tokenizer_conventions as conventions  # noqa: E402  (beside this folder)

TARGET = SCRIPTS.parent / "Tests/TokenizersTests/Fixtures"
CORPUS = [
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many in May.",
    "How many clips did Natalia sell altogether in April and May? 48/2 = 24 clips in May.",
    "Weng earns $12 an hour for babysitting. Yesterday, she just did 50 minutes. It's 12/60 = 0.2.",
    "She'll have 100 - 50 - 30 - 15 = 5 dollars left; they've read 12 x 2 = 24 pages today.",
    "Über die Brücke ging café-naïve Ñandú; Привет мир; 日本語の文章; 한국어 문장.",
    "wait, let me check: 17 + 25 = 42. yes, the sum is 42. so the answer is 42.",
]
TEXTS = [
    "", " ", "  ", "\n", "\r\n\r\n", "\t tab", "a", "Natalia sold 48 clips.", "  two  spaces  ",
    "It's SHE'LL they'VE 'Tis don't'", "1234567 12,345.67 1/2 = 0.5", "x=1\n\ny=2\n  z=3\n   ",
    "caf\u00e9 cafe\u0301 na\u00efve \u00dcBER \u00c5\u212b", "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab",
    "\u65e5\u672c\u8a9e\u306e\u6587\u7ae0\u3002\u4e2d\u6587", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440!",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 ok", "a\u00a0b\u3000c\u2028d\u0085e",
    "\u0000\u0001\u001f\u007f\u200b\ufeff", "\ufb01ne \u00bd \u2460 \u2167 \u017fo '\u017f", "<s>Natalia</s>",
    "<|begin|>user<|end|>\n", "a <mask> b  <mask>", "word wordy aword word", "Answer answer ANSWER",
    "wait, let me check: 17 + 25 = 42.", "zzzzqqqq \U0001d518", "\u2581a \u2581\u2581b ##c [UNK]",
    "e\u0301\u0327\u0323 \u0915\u094d\u0937 \u0e01\u0e33", "ab" * 40, "!" * 30, " " * 20 + "x",
]


# Rules of SentencePiece's kind: of several scalars, to nothing, to several, and ones that begin
# with another.
RULES = {
    "\t": " ", "\n": " ", "\r": " ", "\u00a0": " ", "\u3000": " ", "\u2028": " ", "\u0085": " ",
    "\u0001": "", "\u007f": "", "\u200b": "", "\ufeff": "", "\ufb01": "fi", "\u00bd": "1\u20442",
    "\u2460": "1", "\u2167": "VIII", "\u017f": "s", "e\u0301": "\u00e9", "E\u0301": "\u00c9",
    "A\u030a": "\u00c5", "\u212b": "\u00c5", "e\u0327": "\u0229", "e\u0327\u0301": "!",
    "\u0e33": "\u0e4d\u0e32", "\U0001d518": "U", "\u1112\u1161": "\ud558",
    "\u1112\u1161\u11ab": "\ud55c", "\u0301": "", "!": "! ",
}
CONVENTIONS = [
    "gpt-oss", "modernbert", "deepseek-v3", "deepseek-coder", "falcon", "bloom", "clip", "gemma",
    "t5", "t5-converted", "albert", "xlm-roberta", "unigram-bytes",
]


def convention(name, rules):
    """A family's tokenizer over the small corpus."""
    make = conventions.FAMILIES[name]
    if "rules" in inspect.signature(make).parameters:
        return make(CORPUS, 120, {"normalization_rule_tsv": rules})
    # Byte-level vocabularies have 256 characters to begin with.
    return make(CORPUS, 320)


def write_rules(path):
    def codes(text):
        return " ".join(f"{ord(c):04X}" for c in text)

    pathlib.Path(path).write_text("".join(f"{codes(a)}\t{codes(b)}\n" for a, b in RULES.items()))


def base(model):
    return Tokenizer(model)


def byte_bpe(pre_tokenizer, normalizer=None, size=310, **flags):
    tokenizer = base(models.BPE(**flags))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return tokenizer


def split(expression):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(expression), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])


TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
HEAD = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"


def gpt2():
    tokenizer = byte_bpe(pre_tokenizers.ByteLevel(add_prefix_space=False))
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([AddedToken("<|end|>", normalized=True)])
    return tokenizer


def roberta():
    tokenizer = byte_bpe(pre_tokenizers.ByteLevel(add_prefix_space=True), size=300)
    tokenizer.add_special_tokens(["<s>", "</s>", AddedToken("<mask>", lstrip=True)])
    ids = {token: tokenizer.token_to_id(token) for token in ("<s>", "</s>")}
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", ids["</s>"]), ("<s>", ids["<s>"]), add_prefix_space=True)
    return tokenizer


def qwen():
    tokenizer = byte_bpe(split(HEAD + r"\p{N}" + TAIL), normalizers.NFC())
    tokenizer.add_special_tokens(["<|begin|>", "<|end|>"])
    tokenizer.add_tokens([AddedToken("answer", single_word=True, normalized=True)])
    return tokenizer


def llama3():
    tokenizer = byte_bpe(split(HEAD + r"\p{N}{1,3}" + TAIL), ignore_merges=True)
    # Words that no merge reaches, which only ignore_merges finds.
    data = json.loads(tokenizer.to_str())
    for word in ["\u0120Natalia", "wordy", "\u0120check", "123"]:
        data["model"]["vocab"].setdefault(word, len(data["model"]["vocab"]))
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.add_special_tokens(["<|begin|>", "<|end|>"])
    begin = tokenizer.token_to_id("<|begin|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(
            single="<|begin|> $A", pair="<|begin|> $A <|begin|> $B:1",
            special_tokens=[("<|begin|>", begin)]),
    ])
    return tokenizer


def llama2(first):
    tokenizer = base(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    if first:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    special = ["<unk>", "<s>", "</s>"]
    pieces = special + [f"<0x{byte:02X}>" for byte in range(256)]
    spaces = [line.replace(" ", "\u2581") for line in CORPUS[:4]]
    trained = base(models.BPE())
    trained.train_from_iterator(
        ["\u2581" + line for line in spaces],
        trainers.BpeTrainer(vocab_size=130, show_progress=False))
    data = json.loads(trained.to_str())["model"]
    vocab = {piece: i for i, piece in enumerate(pieces)}
    for piece in sorted(data["vocab"], key=data["vocab"].get):
        vocab.setdefault(piece, len(vocab))
    merges = [tuple(m) for m in data["merges"]]
    tokenizer.model = models.BPE(
        vocab=vocab, merges=merges, byte_fallback=True, fuse_unk=True, unk_token="<unk>")
    tokenizer.add_special_tokens(special)
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0),
    ])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", 1)])
    return tokenizer


def characters():
    """A character tokenizer with unknowns and no byte fallback, words ending in a mark."""
    tokenizer = base(models.BPE(unk_token="<unk>", fuse_unk=False, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Strip(), normalizers.NFKD(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous")])
    tokenizer.train_from_iterator(CORPUS[:3], trainers.BpeTrainer(
        vocab_size=120, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False))
    return tokenizer


def word_level():
    tokenizer = base(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=False)])
    tokenizer.train_from_iterator(CORPUS, trainers.WordLevelTrainer(
        vocab_size=90, special_tokens=["[UNK]", "<s>", "</s>"], show_progress=False))
    tokenizer.add_tokens([AddedToken("word", single_word=True, normalized=True)])
    return tokenizer


def word_piece():
    tokenizer = base(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(
        vocab_size=200, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def metaspace():
    tokenizer = base(models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.train_from_iterator(CORPUS, trainers.WordLevelTrainer(
        vocab_size=70, special_tokens=["<unk>"], show_progress=False))
    return tokenizer


def write(name, tokenizer):
    random.seed(0)
    data = json.loads(tokenizer.to_str())
    if name == "gpt2":  # The older way of writing merges.
        data["model"]["merges"] = [" ".join(pair) for pair in data["model"]["merges"]]
    cases = []
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        case = {"ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False)}
        # Without the tokens that the post-processor adds, and without special tokens: where that
        # makes a difference.
        plain, skipped = tokenizer.encode(text, add_special_tokens=False).ids, tokenizer.decode(ids)
        if plain != ids:
            case["plain"] = plain
        if skipped != case["decoded"]:
            case["skipped"] = skipped
        cases.append(case)
    size = tokenizer.get_vocab_size()
    lists = []
    for length in range(2, 12, 2):
        ids = [random.randrange(size) for _ in range(length)]
        lists.append({"ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False)})
    text = json.dumps(
        {"tokenizer": data, "cases": cases, "decoding": lists}, ensure_ascii=False,
        separators=(",", ":"))
    (TARGET / f"{name}.json").write_text(text + "\n")


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, tokenizer in {
        "gpt2": gpt2(), "roberta": roberta(), "qwen": qwen(), "llama3": llama3(),
        "llama2": llama2(first=False), "llama2-metaspace": llama2(first=True),
        "characters": characters(), "word-level": word_level(), "word-piece": word_piece(),
        "metaspace": metaspace(),
    }.items():
        write(name, tokenizer)
    with tempfile.NamedTemporaryFile(suffix=".tsv") as rules:
        write_rules(rules.name)
        for name in CONVENTIONS:
            write(name, convention(name, rules.name))
    forms = {form: getattr(normalizers, form)() for form in ("NFC", "NFD", "NFKC", "NFKD")}
    odd = TEXTS + [
        "\uac70\u11ad", "\u1100\u1161\u11a8\u11a8", "\u0344", "\u1e9b\u0323", "\u2126\u00c5",
        "a\u0315\u0300\u05ae\u0300b", "\u0958", "\u2adc", "\uf900\U0002f800", "\ufdfa\u3392",
        "\u0b47\u0b3e", "\u08d3\u0300a\u08d3", "\u1026\u102e", "\u32ff", "\U00011938",
    ]
    (TARGET / "texts.json").write_text(json.dumps(TEXTS) + "\n")
    rows = [{"text": t, **{k: f.normalize_str(t) for k, f in forms.items()}} for t in odd]
    (TARGET / "normalization.json").write_text(json.dumps(rows) + "\n")


main()
