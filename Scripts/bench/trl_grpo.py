"""Times TRL's GRPOTrainer on one workload and prints one JSON object.

    python trl_grpo.py MODEL PROMPTS.jsonl --groups 16 --completions 8 --max-completion 128 --steps 6

The reward is a length-free constant-time function, so that what is timed is generation, scoring and
the update. Step times are measured between optimizer steps; the first steps are warm-up.
"""

import argparse
import json
import os
import resource
import statistics
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("prompts")
parser.add_argument("--groups", type=int, required=True)
parser.add_argument("--completions", type=int, required=True)
parser.add_argument("--max-completion", type=int, required=True)
parser.add_argument("--steps", type=int, default=6)
parser.add_argument("--warmup", type=int, default=1)
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--micro-rows", type=int, default=None)
arguments = parser.parse_args()

os.environ.update(
    TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1", WANDB_DISABLED="true", HF_DATASETS_OFFLINE="1"
)

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

torch.set_num_threads(arguments.threads)
with open(os.path.join(arguments.model, "tokenizer_config.json")) as file:
    special = json.load(file)


def name(key):
    token = special.get(key)
    return token["content"] if isinstance(token, dict) else token


tokenizer = PreTrainedTokenizerFast(
    tokenizer_file=os.path.join(arguments.model, "tokenizer.json"),
    eos_token=name("eos_token"),
    bos_token=name("bos_token"),
    pad_token=name("pad_token") or name("eos_token"),
    padding_side="left",
)
model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
rows = [json.loads(line) for line in open(arguments.prompts)]

times, tokens = [], []
generated = {"count": 0, "seconds": 0.0}


def reward(completions, completion_ids, **_):
    tokens.append(sum(len(ids) for ids in completion_ids))
    return [float(hash(tuple(ids)) % 2) for ids in completion_ids]


class Clock(TrainerCallback):
    def on_step_begin(self, *_, **__):
        self.start = time.perf_counter()

    def on_step_end(self, *_, **__):
        times.append(time.perf_counter() - self.start)


rows_per_step = arguments.groups * arguments.completions
config = GRPOConfig(
    output_dir=tempfile.mkdtemp(),
    per_device_train_batch_size=rows_per_step,
    gradient_accumulation_steps=1,
    num_generations=arguments.completions,
    max_completion_length=arguments.max_completion,
    temperature=1.0,
    beta=0.0,
    learning_rate=1e-6,
    max_steps=arguments.steps + arguments.warmup,
    num_iterations=1,
    use_cpu=True,
    bf16=False,
    fp16=False,
    gradient_checkpointing=False,
    report_to=[],
    save_strategy="no",
    logging_strategy="no",
    disable_tqdm=True,
    loss_type="grpo",
)
trainer = GRPOTrainer(
    model=model,
    reward_funcs=reward,
    args=config,
    train_dataset=Dataset.from_list([{"prompt": row["prompt"]} for row in rows]),
    processing_class=tokenizer,
    callbacks=[Clock()],
)
inner = trainer._generate_single_turn


def timed(*args, **kwargs):
    start = time.perf_counter()
    result = inner(*args, **kwargs)
    generated["seconds"] += time.perf_counter() - start
    generated["steps"] = generated.get("steps", 0) + 1
    return result


trainer._generate_single_turn = timed
trainer.train()

print(
    json.dumps(
        {
            "system": "trl",
            "step_seconds": statistics.median(times[arguments.warmup :]),
            "all_step_seconds": times,
            "tokens_per_step": statistics.mean(tokens[arguments.warmup :]),
            "generated_tokens_per_second": sum(tokens) / generated["seconds"],
            "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
        }
    )
)
