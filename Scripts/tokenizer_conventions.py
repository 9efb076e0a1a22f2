"""The tokenizers of model families as PyPI `tokenizers` describes them, with vocabularies that are
trained here: the normalizers, pre-tokenizers, model settings, added tokens, post-processors and
decoders are those of the published `tokenizer.json` files, the tokens are not.

`Scripts/golden/tokenizer_families.py` makes small test files of them, and
`Scripts/bench/tokenizer_agreement.py` measures agreement and speed.
"""

import io
import json

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
    trainers,
)

SPACE = "\u2581"
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
TAIL = r"|\s*[\r\n]+|\s+(?!\S)|\s+"


def cased(suffix, digits):
    start = r"[^\r\n\p{L}\p{N}]?"
    return (
        f"{start}{UPPER}*{LOWER}+{suffix}|{start}{UPPER}+{LOWER}*{suffix}|{digits}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n/]*" + TAIL)


CL100K = (
    CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*" + TAIL)
O200K = cased(f"{CONTRACTIONS}?", r"\p{N}{1,3}")
TEKKEN = cased("", r"\p{N}")
DEEPSEEK = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*" + TAIL)
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def splits(*expressions):
    return [pre_tokenizers.Split(Regex(expression), "isolated") for expression in expressions]


def bytes_only():
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def byte_pair(corpus, size, steps, normalizer=None, special=("<|endoftext|>",), tokens=(), **flags):
    """Byte-level byte-pair encoding."""
    tokenizer = Tokenizer(models.BPE(**flags))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps) if len(steps) > 1 else steps[0]
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.add_special_tokens(list(special))
    tokenizer.add_tokens([AddedToken(token, normalized=True) for token in tokens])
    return tokenizer


def template(tokenizer, single):
    """Puts special tokens around a text."""
    names = [word for word in single.split() if not word.startswith("$")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair=None,
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in dict.fromkeys(names)])
    return tokenizer


def gpt2(corpus, size):
    return byte_pair(corpus, size, [pre_tokenizers.ByteLevel(add_prefix_space=False)])


def phi(corpus, size):
    runs = [" " * n for n in range(31, 1, -1)] + ["\t" * n for n in range(9, 1, -1)]
    return byte_pair(corpus, size, [pre_tokenizers.ByteLevel(add_prefix_space=False)], tokens=runs)


def phi4(corpus, size):
    steps = [pre_tokenizers.Split(Regex(CL100K), "removed", invert=True), bytes_only()]
    special = [AddedToken(t, lstrip=True, rstrip=True) for t in ("<|im_start|>", "<|im_end|>")]
    return byte_pair(corpus, size, steps, special=["<|endoftext|>", *special])


def gpt_neox(corpus, size):
    runs = [" " * n for n in range(24, 1, -1)]
    return byte_pair(
        corpus, size, [pre_tokenizers.ByteLevel(add_prefix_space=False)], normalizers.NFC(),
        tokens=runs)


def modernbert(corpus, size):
    special = ["[CLS]", "[SEP]", "[PAD]", "[UNK]", AddedToken("[MASK]", lstrip=True)]
    tokenizer = byte_pair(
        corpus, size, [pre_tokenizers.ByteLevel(add_prefix_space=False)], normalizers.NFC(),
        special, ["|||IP_ADDRESS|||"] + [" " * n for n in range(24, 1, -1)])
    return template(tokenizer, "[CLS] $A [SEP]")


def llama3(corpus, size):
    special = ["<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>"]
    tokenizer = byte_pair(
        corpus, size, splits(CL100K) + [bytes_only()], special=special, ignore_merges=True)
    # Tokens that no merge makes, which only `ignore_merges` finds.
    data = json.loads(tokenizer.to_str())
    whole = ["\u0120altogether", "\u0120check", "\u0120twice", "123"]
    vocabulary = data["model"]["vocab"]
    added = data.pop("added_tokens")
    for word in whole:
        vocabulary.setdefault(word, len(vocabulary))
    tokenizer = Tokenizer.from_str(json.dumps({**data, "added_tokens": []}))
    tokenizer.add_special_tokens([token["content"] for token in added])
    return template(tokenizer, "<|begin_of_text|> $A")


def mistral_nemo(corpus, size):
    tokenizer = byte_pair(
        corpus, size, splits(TEKKEN) + [bytes_only()], special=["<unk>", "<s>", "[INST]"],
        ignore_merges=True)
    return template(tokenizer, "<s> $A")


def gpt_oss(corpus, size):
    return byte_pair(corpus, size, splits(O200K) + [bytes_only()], special=["<|start|>"])


def deepseek_v3(corpus, size):
    steps = splits(r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", DEEPSEEK)
    begin = "<\uff5cbegin\u2581of\u2581sentence\uff5c>"
    tokenizer = byte_pair(
        corpus, size, steps + [bytes_only()], normalizers.Sequence([]), [begin])
    return template(tokenizer, f"{begin} $A")


def deepseek_coder(corpus, size):
    han = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
    steps = splits(r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", han)
    return byte_pair(
        corpus, size, steps + [pre_tokenizers.Digits(individual_digits=True), bytes_only()])


def starcoder(corpus, size):
    return byte_pair(corpus, size, [
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])


def falcon(corpus, size):
    return byte_pair(corpus, size, [
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False),
        pre_tokenizers.Digits(individual_digits=False),
        pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])


def bloom(corpus, size):
    expression = " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"
    return byte_pair(corpus, size, splits(expression) + [bytes_only()])


def clip(corpus, size):
    """Words that end in a mark, lower-cased."""
    tokenizer = Tokenizer(models.BPE(
        unk_token="<|endoftext|>", end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(CLIP), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<|endoftext|>", "<|startoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), end_of_word_suffix="</w>",
        show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", 0), ("<|startoftext|>", 1), add_prefix_space=False, trim_offsets=False)
    return tokenizer


def bert(corpus, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        show_progress=False))
    return template(tokenizer, "[CLS] $A [SEP]")


def sentence_piece_bpe(corpus, size, special):
    """Byte-pair encoding over characters with bytes as the last resort."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    trained.train_from_iterator(
        corpus, trainers.BpeTrainer(vocab_size=max(size - 256, 64), show_progress=False))
    data = json.loads(trained.to_str())["model"]
    pieces = [*special, *(f"<0x{byte:02X}>" for byte in range(256))]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    for piece in sorted(data["vocab"], key=data["vocab"].get):
        vocabulary.setdefault(piece, len(vocabulary))
    tokenizer = Tokenizer(models.BPE(
        vocab=vocabulary, merges=[tuple(pair) for pair in data["merges"]], byte_fallback=True,
        fuse_unk=True, unk_token="<unk>"))
    tokenizer.add_special_tokens(list(special))
    return tokenizer


def gemma(corpus, size):
    tokenizer = sentence_piece_bpe(corpus, size, ["<pad>", "<eos>", "<bos>", "<unk>"])
    tokenizer.normalizer = normalizers.Replace(" ", SPACE)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_tokens([AddedToken("\n" * n, normalized=False) for n in range(2, 8)])
    return template(tokenizer, "<bos> $A")


def llama2(corpus, size):
    tokenizer = sentence_piece_bpe(corpus, size, ["<unk>", "<s>", "</s>"])
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    return template(tokenizer, "<s> $A")


def mistral(corpus, size):
    tokenizer = llama2(corpus, size)
    tokenizer.normalizer = None
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.add_special_tokens(["[INST]", "[/INST]"])
    return tokenizer


def unigram_model(corpus, size, rules, special, byte_fallback=False):
    """A SentencePiece model and its rules; `special` come first, as one finds them in files."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line.replace("\n", " ") for line in corpus), model_writer=model,
        vocab_size=size, hard_vocab_limit=False, model_type="unigram", pad_id=-1, bos_id=-1,
        eos_id=-1, unk_id=0, minloglevel=2, num_threads=1, **rules)
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    pieces = [(piece.piece, piece.score) for piece in proto.pieces if piece.piece != "<unk>"]
    pieces = [(token, 0.0) for token in special] + pieces
    unknown = list(special).index("<unk>")
    tokenizer = Tokenizer(models.Unigram(pieces, unknown, byte_fallback))
    tokenizer.add_special_tokens([token for token in special if not token.startswith("<0x")])
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    rules = proto.normalizer_spec.precompiled_charsmap
    return tokenizer, normalizers.Precompiled(rules) if rules else None


def words_with_space():
    return pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])


# What PyPI `sentencepiece` offers under the name that T5, ALBERT, XLNet, XLM-R and mBART were
# trained with.
REAL_RULES = {"normalization_rule_name": "nmt_nfkc"}


def t5(corpus, size, rules=REAL_RULES):
    tokenizer, rules = unigram_model(corpus, size, rules, ["<pad>", "</s>", "<unk>"])
    tokenizer.normalizer = rules
    tokenizer.pre_tokenizer = words_with_space()
    tokenizer.add_special_tokens([f"<extra_id_{n}>" for n in range(99, -1, -1)])
    return template(tokenizer, "$A </s>")


def t5_converted(corpus, size, rules=REAL_RULES):
    """As transformers converts a SentencePiece file today."""
    tokenizer, rules = unigram_model(corpus, size, rules, ["<pad>", "</s>", "<unk>"])
    tokenizer.normalizer = normalizers.Sequence([
        rules, normalizers.Strip(left=False, right=True),
        normalizers.Replace(Regex(" {2,}"), SPACE)])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    return template(tokenizer, "$A </s>")


def quotes_and_accents(rules, lowercase):
    steps = [
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(),
        normalizers.StripAccents()]
    if lowercase:
        steps.append(normalizers.Lowercase())
    return normalizers.Sequence([*steps, rules, normalizers.Replace(Regex(" {2,}"), " ")])


def albert(corpus, size, rules=REAL_RULES):
    special = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer, rules = unigram_model(corpus, size, rules, special)
    tokenizer.normalizer = quotes_and_accents(rules, lowercase=True)
    tokenizer.pre_tokenizer = words_with_space()
    return template(tokenizer, "[CLS] $A [SEP]")


def xlnet(corpus, size, rules=REAL_RULES):
    special = ["<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>"]
    tokenizer, rules = unigram_model(corpus, size, rules, special)
    tokenizer.normalizer = quotes_and_accents(rules, lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    return template(tokenizer, "$A <sep> <cls>")


def xlm_roberta(corpus, size, rules=REAL_RULES):
    tokenizer, rules = unigram_model(corpus, size, rules, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.normalizer = rules
    tokenizer.pre_tokenizer = words_with_space()
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    return template(tokenizer, "<s> $A </s>")


def mbart(corpus, size, rules=REAL_RULES):
    tokenizer, rules = unigram_model(corpus, size, rules, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.normalizer = rules
    tokenizer.pre_tokenizer = words_with_space()
    tokenizer.add_special_tokens(["ar_AR", "en_XX", AddedToken("<mask>", lstrip=True)])
    return template(tokenizer, "$A </s> en_XX")


def unigram_bytes(corpus, size):
    """Bytes as the last resort, and a whole text as one word."""
    special = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokenizer, _ = unigram_model(
        corpus, size, {"normalization_rule_name": "identity"}, special, byte_fallback=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    return tokenizer


FAMILIES = {
    "gpt2": gpt2, "phi": phi, "phi4": phi4, "gpt-neox": gpt_neox, "modernbert": modernbert,
    "llama3": llama3, "mistral-nemo": mistral_nemo, "gpt-oss": gpt_oss,
    "deepseek-v3": deepseek_v3, "deepseek-coder": deepseek_coder, "starcoder": starcoder,
    "falcon": falcon, "bloom": bloom, "clip": clip, "bert": bert, "gemma": gemma,
    "llama2": llama2, "mistral": mistral, "t5": t5, "t5-converted": t5_converted,
    "albert": albert, "xlnet": xlnet, "xlm-roberta": xlm_roberta, "mbart": mbart,
    "unigram-bytes": unigram_bytes,
}
