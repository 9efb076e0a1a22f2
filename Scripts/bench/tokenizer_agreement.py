"""The table of Documentation/Tokenizers.md: agreement with PyPI `tokenizers` and speed beside it,
family by family, on all of GSM8K and on multilingual, odd and malformed text.

Trains a vocabulary for every family of Scripts/tokenizer_conventions.py, takes the published files
below DATA/tokenizers as they are, and compares ids and decoded text. Speed is on all of GSM8K's texts, one
at a time, on one thread: what `laconic tokenize` takes for them beyond what it takes for one (JSON in and out,
encoding and decoding) against the library's `encode` alone, medians of three interleaved runs.

    .venv/bin/pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf
    .venv/bin/python Scripts/bench/tokenizer_agreement.py .build/release/laconic ../shared/data [FAMILY ...]
"""

import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
from tokenizers import Tokenizer  # noqa: E402  (reads the environment)

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import tokenizer_conventions as conventions  # noqa: E402  (beside this folder)

REPEATS = 3
VOCABULARY = 2_000
TRAINING_TEXTS = 3_000
RANDOM_TEXTS = 3_000

ODD = [
    "", " ", "\n", "e\u0301" * 50, "a\u0301\u0302\u0303\u0304", "\u0301\u0301start", "x" * 5_000,
    "\u6f22\u5b57" * 800, " " * 3_000, "\n" * 2_000, "a\0b\0\0", "</s><unk><pad> <s>x</s>",
    "<extra_id_0> of <extra_id_1>", "<|endoftext|> <|im_start|>user\n<|im_end|>", "``quoted'' text",
    "\u017f \u212a \u212b \u2126 \ufb01 \ufb00 \ufb06 '\u017f '\u212a", "\xad soft\xadhyphen",
    "\u2028\u2029\x85\x0b\x0c", "\ufffd\ufffe\uffff", "\u01c4 \u01c5 \u01c6 \u0130 \u0131 \u1e9e \xdf",
    "\uff46\uff55\uff4c\uff4c\u3000\uff21\uff22\uff11\uff12", "\u1112\u119e\u11ab\u1100\u1173\u11af",
    "\uff76\uff9e\uff77\uff61", "1234567890 \u0661\u0662\u0663 \u096a\u096b \u2167 \xb2 \xbd \U0001d7d8",
    "def f(x):\n    return x**2  # note\n\n\tif x:\r\n\r\n  y", "snake_case HTTPServer DON'T we'LL I'M",
    "a\u200bb\u200cc\u2060d\ufeff", "!@#$%^&*()_+-=[]{}|;':\",./<>?`~", "\r\na\r\n\r\nb\rc",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e04\u0e23\u0e31\u0e1a \u0e20\u0e32\u0e29\u0e32",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645\u060c \ufdfa",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea\U0001f1eb",
]
# Where random texts take their characters from.
POOLS = [
    range(0x20, 0x7F), range(0x20, 0x7F), range(0x80, 0x250), range(0x300, 0x370),
    range(0x370, 0x530), range(0x590, 0x700), range(0x900, 0xD80), range(0xE00, 0xE80),
    range(0x1100, 0x1200), range(0x2000, 0x2070), range(0x2100, 0x2200), range(0x3000, 0x3100),
    range(0x4E00, 0x9FFF), range(0xAC00, 0xD7A3), range(0xFB00, 0xFDFF), range(0xFE00, 0xFFF0),
    range(0x1F1E6, 0x1F1FF), range(0x1F300, 0x1FA00), range(0x10000, 0x110000),
    [0x20, 0x20, 0x0A, 0x0D, 0x09, 0xA0, 0x200D, 0x27, 0x00, 0x2581, 0x3000, 0x85],
]


def random_texts():
    random.seed(7)
    for _ in range(RANDOM_TEXTS):
        pools = random.sample(POOLS, random.randint(1, 4))
        scalars = (random.choice(random.choice(pools)) for _ in range(random.randint(1, 60)))
        yield "".join(map(chr, scalars))


def every_scalar():
    """All of Unicode up to the ideographs, and the special-purpose plane, joined in three ways."""
    scalars = [*range(1, 0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE1000)]
    for start in range(0, len(scalars), 1_024):
        characters = [chr(c) for c in scalars[start : start + 1_024]]
        for joint in ("", "a", " "):
            yield joint.join(characters)


def lines(path):
    with open(path, encoding="utf-8") as rows:
        return [json.loads(row) for row in rows]


def tokenize(command, file, texts):
    given = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    start = time.perf_counter()
    run = subprocess.run([command, "tokenize", "--tokenizer", file], input=given, capture_output=True)
    seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(run.stderr.decode())
    return [json.loads(line) for line in run.stdout.split(b"\n") if line], seconds


def agreement(tokenizer, found, texts):
    agreeing = 0
    for text, answer in zip(texts, found, strict=True):
        ids = tokenizer.encode(text).ids
        agreeing += ids == answer["ids"] and tokenizer.decode(ids) == answer["text"]
    return f"{agreeing:,} of {len(texts):,}"


def measure(command, file, plain, odd):
    tokenizer = Tokenizer.from_file(str(file))
    library, whole = [], []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for text in plain:
            tokenizer.encode(text)
        library.append(time.perf_counter() - start)
        whole.append(tokenize(command, file, plain)[1] - tokenize(command, file, plain[:1])[1])
    found, _ = tokenize(command, file, plain)
    odd_found, _ = tokenize(command, file, odd)
    ratio = statistics.median(library) / statistics.median(whole)
    kind = type(tokenizer.model).__name__
    return [
        kind, agreement(tokenizer, found, plain), agreement(tokenizer, odd_found, odd),
        f"{ratio:.1f}"]


def main():
    command, data, *chosen = sys.argv[1:]
    data = pathlib.Path(data)
    rows = lines(data / "gsm8k/train.jsonl") + lines(data / "gsm8k/test.jsonl")
    plain = [row["question"] + row["answer"] for row in rows]
    inputs = json.loads(
        (data / "tokenizer_vectors/swift-transformers/inputs.json").read_text(encoding="utf-8"))
    languages = [entry["text"] for entry in inputs]
    odd = languages + ODD + list(random_texts()) + list(every_scalar())
    corpus = [row["question"] for row in rows[:TRAINING_TEXTS]] + languages
    print("| family | model | GSM8K | other text | speed |\n|---|---|---:|---:|---:|")
    published = sorted((data / "tokenizers").glob("*/tokenizer.json"))
    with tempfile.TemporaryDirectory() as folder:
        files = {f"{path.parent.name} (published)": path for path in published}
        for name in chosen or conventions.FAMILIES:
            make = conventions.FAMILIES[name]
            files[name] = pathlib.Path(folder) / f"{name}.json"
            make(corpus, VOCABULARY).save(str(files[name]))
        for name, file in files.items():
            print(f"| {name} | " + " | ".join(measure(command, file, plain, odd)) + " |", flush=True)


main()
