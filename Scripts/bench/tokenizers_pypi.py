"""Encoding speed beside PyPI `tokenizers` on one thread, one text at a time, on the same texts.

Laconic's figure is the whole command `laconic tokenize`: start, loading, reading and writing JSON,
encoding and decoding. The library's is its `encode` alone, after loading. The ids must agree.

    .venv/bin/python Scripts/bench/tokenizers_pypi.py .build/release/laconic \\
        ../shared/data/gsm8k/train.jsonl ../shared/data/tokenizers/gpt2 ../shared/data/tokenizers/qwen2
"""

import json
import os
import subprocess
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
from tokenizers import Tokenizer  # noqa: E402  (reads the environment)

REPEATS = 3


def main():
    command, data, *folders = sys.argv[1:]
    with open(data, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts = [row["question"] + row["answer"] for row in rows]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    for folder in folders:
        tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        library, whole = [], []
        for _ in range(REPEATS):
            start = time.perf_counter()
            expected = [tokenizer.encode(text).ids for text in texts]
            library.append(time.perf_counter() - start)
            start = time.perf_counter()
            run = subprocess.run(
                [command, "tokenize", "--tokenizer", folder], input=lines, check=True,
                capture_output=True)
            whole.append(time.perf_counter() - start)
        found = [json.loads(line)["ids"] for line in run.stdout.split(b"\n") if line]
        assert found == expected, f"{folder}: the ids differ"
        print(
            f"{folder}: {len(texts)} texts, {megabytes:.1f} MB, {sum(map(len, found))} tokens; "
            f"tokenizers {megabytes / min(library):.2f} MB/s, "
            f"laconic tokenize {megabytes / min(whole):.2f} MB/s, "
            f"ratio {min(library) / min(whole):.1f}")


main()
