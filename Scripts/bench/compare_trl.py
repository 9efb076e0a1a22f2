"""Times Laconic against TRL's GRPOTrainer on two workloads and prints ratios.

    make bench            # makes a virtual environment with the peers and runs this

Same torch version, threads, model folder, prompts, group size, sampling limits, and one update per
batch of rollouts. Systems take turns, so that both see the same machine.

  a  the embedded base model, 16 prompts x 8 completions of at most 128 tokens that end by themselves
  b  a 4-million-parameter Qwen2 of random weights, 8 x 8 completions of at most 128 tokens
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("--laconic", default=str(here.parent.parent / ".build/release/laconic"))
parser.add_argument("--model-a", default=str(here.parent.parent / "Sources/EmbeddedModel/model"))
parser.add_argument("--workloads", default="ab")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--steps", type=int, default=5)
parser.add_argument("--threads", type=int, default=os.cpu_count())
arguments = parser.parse_args()


def laconic(*words):
    return subprocess.run([arguments.laconic, *words], check=True, capture_output=True, text=True)


def embedded_workload(folder):
    rollouts = folder / "rollouts.jsonl"
    laconic("sample", "--count", "1", "--to", str(rollouts), "task.limit=256", "run.seed=7")
    prompts = folder / "a.jsonl"
    with open(prompts, "w") as file:
        for line in open(rollouts):
            file.write(json.dumps({"prompt": json.loads(line)["prompt"]}) + "\n")
    return arguments.model_a, prompts, "chain-arithmetic", 16, 8


def qwen_workload(folder):
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    vocabulary = 2048
    words = [f"w{i}" for i in range(vocabulary - 3)]
    names = ["<pad>", "<bos>", "<eos>"] + words
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(names)}, unk_token="<pad>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(names[:3])
    model = folder / "qwen"
    config = Qwen2Config(
        hidden_size=256, num_hidden_layers=4, num_attention_heads=8, num_key_value_heads=4,
        intermediate_size=768, vocab_size=vocabulary, max_position_embeddings=1024,
        tie_word_embeddings=True, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )
    Qwen2ForCausalLM(config).save_pretrained(model)
    tokenizer.save(str(model / "tokenizer.json"))
    special = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}
    (model / "tokenizer_config.json").write_text(json.dumps(special))
    draw = random.Random(0)
    prompts = folder / "b.jsonl"
    with open(prompts, "w") as file:
        for _ in range(256):
            text = " ".join(draw.choice(words) for _ in range(draw.randint(20, 40)))
            file.write(json.dumps({"prompt": text, "answer": "none"}) + "\n")
    return str(model), prompts, "jsonl", 8, 8


def run_trl(model, prompts, groups, completions):
    command = [
        sys.executable, str(here / "trl_grpo.py"), model, str(prompts),
        "--groups", str(groups), "--completions", str(completions), "--max-completion", "128",
        "--steps", str(arguments.steps), "--threads", str(arguments.threads),
    ]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


def run_laconic(model, prompts, task, groups, completions, folder):
    output = folder / "run"
    shutil.rmtree(output, ignore_errors=True)
    laconic(
        "train", "--method", "grpo", "--model", model, "--task", task, "--data", str(prompts),
        "--output", str(output), f"training.steps={arguments.steps + 1}",
        f"training.prompts-per-step={groups}", f"training.group-size={completions}",
        "rollouts.max-completion=128", "training.completions-every=null",
        "training.learning-rate=1e-6", f"run.threads={arguments.threads}",
    )
    rows = [json.loads(line) for line in open(output / "timings.jsonl")]
    tokens = [json.loads(line)["num_tokens"] for line in open(output / "metrics.jsonl")]
    rate = sum(r["generated_tokens_per_second"] * r["generate"] for r in rows) / sum(
        r["generate"] for r in rows
    )
    return {
        "step_seconds": statistics.median(r["total"] for r in rows[1:]),
        "tokens_per_step": (tokens[-1] - tokens[0]) / (len(tokens) - 1),
        "generated_tokens_per_second": rate,
        "peak_memory_mib": max(r["peak_memory_mib"] for r in rows),
    }


workloads = {"a": embedded_workload, "b": qwen_workload}
figures = ["step_seconds", "generated_tokens_per_second", "peak_memory_mib", "tokens_per_step"]
results = {}
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for key in arguments.workloads:
        model, prompts, task, groups, completions = workloads[key](folder)
        trl, own = [], []
        for _ in range(arguments.rounds):
            trl.append(run_trl(model, prompts, groups, completions))
            own.append(run_laconic(model, prompts, task, groups, completions, folder))
        median = lambda runs, figure: statistics.median(run[figure] for run in runs)
        print(f"workload {key}: {groups} x {completions} completions, {arguments.threads} threads")
        print(f"{'':30}{'TRL':>12}{'Laconic':>12}{'ratio':>9}")
        for figure in figures:
            left, right = median(trl, figure), median(own, figure)
            ratio = left / right if figure != "generated_tokens_per_second" else right / left
            print(f"{figure:30}{left:12.3f}{right:12.3f}{ratio:9.2f}", flush=True)
        results[key] = {"trl": trl, "laconic": own}
print(json.dumps(results))
