"""Makes the fixtures of Tests/ModelsTests/Fixtures/adapters: small LoRA adapters for the models that
`models.py` makes, saved by peft, and what peft, transformers and torch compute with them.

    pip install torch==2.13.0 transformers==5.23.0 peft==0.21.2 safetensors
    python Scripts/golden/adapters.py

All values are those of float32 passes on one thread with dropout off, but for the folders, which keep the
dropout that they were made with.
"""

import json
import pathlib
import shutil

import peft
import torch
import transformers
from models import BATCH, LENGTH, PADDED_LENGTH, SHAPE, gradients, rounded

FIXTURES = pathlib.Path(__file__).parents[2] / "Tests" / "ModelsTests" / "Fixtures"

# One for each family: all linear maps, a few of them, rank-stabilised, single layers, and every way to
# write targets.
CASES = {
    "llama2": dict(r=4, lora_alpha=8, target_modules="all-linear", lora_dropout=0.1),
    "llama3": dict(r=2, lora_alpha=16, target_modules=["q_proj", "v_proj"], use_rslora=True),
    "qwen2": dict(
        r=3, lora_alpha=4.5, target_modules=["self_attn.k_proj", "o_proj", "up_proj"],
        layers_to_transform=[1],
    ),
    "qwen3": dict(r=1, lora_alpha=1, target_modules=r".*\.(q_proj|gate_proj|down_proj)"),
}


def base(name):
    return transformers.AutoModelForCausalLM.from_pretrained(
        FIXTURES / name, dtype=torch.float32, attn_implementation="eager"
    )


def main():
    torch.set_num_threads(1)
    for number, (name, settings) in enumerate(CASES.items()):
        generator = torch.Generator().manual_seed(200 + number)
        model = peft.get_peft_model(
            base(name), peft.LoraConfig(task_type="CAUSAL_LM", **settings)
        ).eval()
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if "lora_" in key:
                    parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
        # The folder is written by peft; the base's place on this machine is nobody's business.
        folder = FIXTURES / "adapters" / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder)
        (folder / "README.md").unlink()
        (folder / "adapter_model.safetensors").chmod(0o644)
        config = json.loads((folder / "adapter_config.json").read_text())
        config["base_model_name_or_path"] = f"../../{name}"
        if isinstance(config["target_modules"], list):
            config["target_modules"].sort()
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")

        ids = torch.randint(4, SHAPE["vocab_size"], (BATCH, LENGTH), generator=generator)
        with torch.no_grad():
            logits = model(ids).logits
            with model.disable_adapter():
                plain = model(ids).logits
        assert torch.allclose(plain, base(name)(ids).logits, atol=1e-6)
        trained = [key for key, parameter in model.named_parameters() if parameter.requires_grad]
        loss, slopes = gradients(model, ids, trained)
        with torch.no_grad():
            merged = model.merge_and_unload()(ids).logits
        expected = dict(
            ids=ids.tolist(),
            logits=rounded(logits),
            mergedLogits=rounded(merged),
            paddedLength=PADDED_LENGTH,
            loss=loss,
            gradients={key.replace(".default", ""): value for key, value in slopes.items()},
        )
        (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
