"""Makes a model folder with a tokenizer.json from verl's digit-completion model, for `--task digits`.

    python3 Scripts/digits_model.py FIXTURE/model digits-model

The original has no tokenizer.json: its tokenizer is a Python class over the characters listed in
tokenizer_config.json, after the tokens S (separator), E (end), P (padding) and U (unknown). Its chat
template puts S after the prompt; here the tokenizer's post-processor does. Weights and configuration are
copied as they are. Needs the standard library alone.
"""

import argparse
import json
import shutil
from pathlib import Path

SPECIAL_TOKENS = ["S", "E", "P", "U"]
COPIED_FILES = ["config.json", "generation_config.json", "model.safetensors"]


def tokenizer(characters):
    """A tokenizer of single characters: byte-pair encoding without any merge."""
    vocabulary = {token: id for id, token in enumerate(SPECIAL_TOKENS + characters)}
    separator = {"SpecialToken": {"id": "S", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": vocabulary[token], "content": token, "single_word": False, "lstrip": False,
                "rstrip": False, "normalized": False, "special": True,
            }
            for token in SPECIAL_TOKENS
        ],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}, separator],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}},
                separator,
            ],
            "special_tokens": {"S": {"id": "S", "ids": [vocabulary["S"]], "tokens": ["S"]}},
        },
        "decoder": {"type": "Fuse"},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": "U", "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
            "ignore_merges": False, "vocab": vocabulary, "merges": [],
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fixture", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    original = json.loads((arguments.fixture / "tokenizer_config.json").read_text())
    characters = [chr(code) for code in original["char_ords"]]
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in COPIED_FILES:
        shutil.copyfile(arguments.fixture / name, arguments.output / name)
    configuration = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": original["model_max_length"],
        "clean_up_tokenization_spaces": False,
        "sep_token": "S",
        "eos_token": "E",
        "pad_token": "P",
        "unk_token": "U",
    }
    for name, value in (
        ("tokenizer.json", tokenizer(characters)),
        ("tokenizer_config.json", configuration),
    ):
        (arguments.output / name).write_text(json.dumps(value, indent=2) + "\n")
    print(f"{len(characters) + len(SPECIAL_TOKENS)} tokens in {arguments.output}")


if __name__ == "__main__":
    main()
