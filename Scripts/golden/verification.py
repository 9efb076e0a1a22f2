"""Adds Math-Verify's verdicts to the pairs of Tests/VerificationTests/Golden/pairs.jsonl.

Each line has "gold", "answer", "correct" (what Laconic's verifier is to say, judged by hand) and
"math_verify" (what Math-Verify says, written by this script); where the two differ, "reason" says why.
Run in an environment with math-verify 0.9.0:

    python Scripts/golden/verification.py
"""

import json
import logging
import pathlib

from math_verify import parse, verify

logging.disable(logging.CRITICAL)
path = pathlib.Path(__file__).parents[2] / "Tests/VerificationTests/Golden/pairs.jsonl"
pairs = [json.loads(line) for line in path.read_text().splitlines()]
for pair in pairs:
    try:
        verdict = verify(parse(pair["gold"]), parse(pair["answer"]))
    except Exception:
        verdict = False
    pair["math_verify"] = bool(verdict)
path.write_text("".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs))
different = sum(pair["correct"] != pair["math_verify"] for pair in pairs)
print(f"{len(pairs)} pairs, {different} of them judged differently by Math-Verify")
