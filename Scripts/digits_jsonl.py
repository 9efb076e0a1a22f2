"""Turns the parquet files of verl's digit-completion test into JSON Lines for `--task digits`.

    pip install pyarrow
    python3 Scripts/digits_jsonl.py DATA/train.parquet train.jsonl

Every row becomes {"id", "prompt", "answer", "modulus", "count"}. The answer is computed here from the
prompt, independently of the Swift task, which checks it when it reads the file. The data holds some
prompts twice; they are kept, as training on the original data would see them twice.
"""

import argparse
import json
from pathlib import Path

import pyarrow.parquet


def continuation(prompt):
    """The numbers that FIRST,SECOND:MODULUS,COUNT asks for."""
    sequence, rule = prompt.split(":")
    first, second = (int(number) for number in sequence.split(","))
    modulus, count = (int(number) for number in rule.split(","))
    step = second - first
    numbers = [(second + step * (k + 1)) % modulus for k in range(count)]
    return ",".join(str(number) for number in numbers), modulus, count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parquet", type=Path)
    parser.add_argument("jsonl", type=Path)
    arguments = parser.parse_args()
    rows = pyarrow.parquet.read_table(arguments.parquet).column("prompt").to_pylist()
    with open(arguments.jsonl, "w", encoding="utf-8") as output:
        for index, messages in enumerate(rows):
            prompt = messages[-1]["content"]
            answer, modulus, count = continuation(prompt)
            row = {
                "id": f"{arguments.parquet.stem}-{index}",
                "prompt": prompt,
                "answer": answer,
                "modulus": modulus,
                "count": count,
            }
            output.write(json.dumps(row) + "\n")
    print(f"{len(rows)} problems in {arguments.jsonl}")


if __name__ == "__main__":
    main()
