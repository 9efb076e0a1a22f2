"""Compares what the real TensorBoard reads of a run's folder with its metrics.jsonl and evaluations.jsonl.

    pip install tensorboard
    python Scripts/check_tensorboard.py runs/grpo

Every figure of every step has to be there once, as the nearest single-precision number.
"""

import json
import math
import struct
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def expected(folder):
    figures = {}
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        record = json.loads(line)
        step = record.pop("step")
        for name, value in record.items():
            figures.setdefault(f"train/{name}", {})[step] = value
    evaluations = folder / "evaluations.jsonl"
    for line in evaluations.read_text().splitlines() if evaluations.exists() else []:
        record = json.loads(line)
        accuracy = record["evaluation"]["sampled"]["accuracy"]["value"]
        figures.setdefault("eval/accuracy", {})[record["step"]] = accuracy
    return figures


def main():
    folder = Path(sys.argv[1])
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    accumulator.Reload()
    tags = accumulator.Tags()["scalars"]
    problems = []
    count = 0
    for name, steps in expected(folder).items():
        found = [(e.step, e.value) for e in accumulator.Scalars(name)] if name in tags else []
        wanted = [(s, math.nan if v is None else single(v)) for s, v in sorted(steps.items())]
        count += len(wanted)
        if len(found) != len(wanted) or not all(
            f[0] == w[0] and (f[1] == w[1] or math.isnan(w[1]) and not math.isfinite(f[1]))
            for f, w in zip(found, wanted)
        ):
            problems.append(f"{name}: TensorBoard has {found}, metrics.jsonl {wanted}")
    files = len(list(folder.glob("events.out.tfevents.*")))
    print(f"{folder}: {files} event files, {len(tags)} names, {count} figures compared")
    print("\n".join(problems) or "all equal")
    sys.exit(1 if problems or count == 0 else 0)


main()
