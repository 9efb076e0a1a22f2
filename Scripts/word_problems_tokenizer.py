"""Makes the byte-level BPE tokenizer of the task word-problems from its own texts.

    .build/release/laconic tasks word-problems --solved --count 20000 > texts.jsonl
    python3 Scripts/word_problems_tokenizer.py texts.jsonl Configurations/word-problems

Needs PyPI's `tokenizers`. Merges are learnt on words and single digits, with the space before them, so
that GPT-2's words, which the result is read with, leave every digit a token of its own.
"""

import argparse
import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SPECIAL = ["<pad>", "<bos>", "<eos>"]

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("texts", type=Path)
parser.add_argument("folder", type=Path)
parser.add_argument("--vocabulary", type=int, default=512)
arguments = parser.parse_args()

rows = [json.loads(line) for line in arguments.texts.open()]
texts = [row["prompt"] for row in rows] + [row["completion"] for row in rows]
tokenizer = Tokenizer(models.BPE())
digits = pre_tokenizers.Split(Regex(r" ?\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+"), "isolated")
bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, bytes_only])
tokenizer.train_from_iterator(
    texts,
    trainers.BpeTrainer(
        vocab_size=arguments.vocabulary, special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    ),
)
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.post_processor = processors.TemplateProcessing(
    single="<bos> $A", pair="<bos> $A $B", special_tokens=[("<bos>", SPECIAL.index("<bos>"))]
)
arguments.folder.mkdir(parents=True, exist_ok=True)
tokenizer.save(str(arguments.folder / "tokenizer.json"))
settings = {
    "add_bos_token": True, "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>",
    "clean_up_tokenization_spaces": False, "model_max_length": 512,
    "tokenizer_class": "PreTrainedTokenizerFast",
}
(arguments.folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
lengths = [len(tokenizer.encode(" " + row["completion"]).ids) for row in rows[:2000]]
print(f"{tokenizer.get_vocab_size()} tokens; a solution has {sum(lengths) / len(lengths):.0f}")
lengths = [len(tokenizer.encode(row["prompt"]).ids) for row in rows[:2000]]
print(f"a prompt has {sum(lengths) / len(lengths):.0f}, at most {max(lengths)}")
