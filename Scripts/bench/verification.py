"""Times Laconic's verifier beside Math-Verify on the same pairs and prints the ratio.

    python Scripts/bench/verification.py [PAIRS] [--laconic .build/release/laconic]

PAIRS is a JSON Lines file of {"gold", "answer"} (the committed pairs of VerificationTests unless given)
or a JSON array of {"gold", "pred"}. Needs an environment with math-verify 0.9.0. Both sides run in one
thread on the same machine and are measured in processor time, so that other programs matter little; Math-Verify is warm, its caches are emptied before every round, and its timer
(an alarm signal) is off. Of `laconic verify`, the difference between many and few repetitions of the
pairs counts, so that starting the program does not.
"""

import argparse
import json
import logging
import pathlib
import resource
import subprocess
import time

import math_verify.parser as parser
from math_verify import parse, verify

ROUNDS = 3
FEW, MANY = 2, 42


def read(path):
    text = path.read_text()
    if text.lstrip().startswith("["):
        return [{"gold": case["gold"], "answer": case["pred"]} for case in json.loads(text)]
    return [json.loads(line) for line in text.splitlines()]


def math_verify(pairs):
    """Seconds per pair, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS + 1):
        for cache in (parser.parse_latex_cached, parser.parse_expr_cached, parser.extract_latex):
            cache.cache_clear()
        start = time.process_time()
        for pair in pairs:
            gold = parse(pair["gold"], parsing_timeout=None)
            verify(gold, parse(pair["answer"], parsing_timeout=None), timeout_seconds=None)
        best = min(best, (time.process_time() - start) / len(pairs))
    return best


def children():
    """Processor time of the programs that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def laconic(program, pairs):
    """Seconds per pair, reading and writing JSON included."""
    lines = "".join(
        json.dumps({"gold": pair["gold"], "answer": pair["answer"]}) + "\n" for pair in pairs
    )

    def seconds(count):
        best = float("inf")
        for _ in range(ROUNDS):
            start = children()
            subprocess.run(
                [program, "verify"], input=lines * count, text=True, check=True,
                stdout=subprocess.DEVNULL,
            )
            best = min(best, children() - start)
        return best

    return (seconds(MANY) - seconds(FEW)) / ((MANY - FEW) * len(pairs))


def main():
    logging.disable(logging.CRITICAL)
    root = pathlib.Path(__file__).parents[2]
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "pairs", nargs="?", type=pathlib.Path,
        default=root / "Tests/VerificationTests/Golden/pairs.jsonl",
    )
    options.add_argument("--laconic", default=str(root / ".build/release/laconic"))
    arguments = options.parse_args()
    pairs = read(arguments.pairs)
    ours = laconic(arguments.laconic, pairs)
    theirs = math_verify(pairs)
    print(f"{len(pairs)} pairs")
    print(f"Math-Verify     {theirs * 1e6:10.1f} microseconds a pair")
    print(f"laconic verify  {ours * 1e6:10.1f} microseconds a pair, {theirs / ours:.0f} times as fast")


if __name__ == "__main__":
    main()
