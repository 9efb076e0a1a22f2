"""Makes the fixtures of Tests/ModelsTests: tiny random models of every family as Hugging Face folders, and
what transformers computes with them.

    pip install torch==2.13.0 transformers==5.23.0 safetensors
    python Scripts/golden/models.py

Every folder is opened by transformers exactly as it is committed, old and new spellings of configuration
keys included; all values are those of its float32 forward pass on one thread.
"""

import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file

FIXTURES = pathlib.Path(__file__).parents[2] / "Tests" / "ModelsTests" / "Fixtures"
SHAPE = dict(
    hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, vocab_size=64
)
COMMON = dict(hidden_act="silu", initializer_range=0.02, bos_token_id=1, use_cache=True)

# Old spellings as in the folders of the time, new ones as transformers 5 writes them.
FAMILIES = {
    "llama2": dict(
        architectures=["LlamaForCausalLM"], model_type="llama", num_key_value_heads=4,
        max_position_embeddings=128, rms_norm_eps=1e-05, rope_theta=10000.0, rope_scaling=None,
        tie_word_embeddings=False, attention_bias=False, mlp_bias=False, pretraining_tp=1,
        eos_token_id=2, torch_dtype="float32", transformers_version="4.43.3",
    ),
    "llama3": dict(
        architectures=["LlamaForCausalLM"], model_type="llama", num_key_value_heads=2,
        max_position_embeddings=256, rms_norm_eps=1e-05, rope_theta=500000.0,
        rope_scaling=dict(
            factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=32, rope_type="llama3",
        ),
        tie_word_embeddings=False, attention_bias=True, mlp_bias=True, eos_token_id=[2, 3],
        torch_dtype="float32", transformers_version="4.43.3",
    ),
    "qwen2": dict(
        architectures=["Qwen2ForCausalLM"], model_type="qwen2", num_key_value_heads=2,
        max_position_embeddings=128, max_window_layers=2, rms_norm_eps=1e-06, rope_theta=1000000.0,
        sliding_window=128, use_sliding_window=False, tie_word_embeddings=True, eos_token_id=2,
        attention_dropout=0.0, torch_dtype="bfloat16", transformers_version="4.43.1",
    ),
    "qwen3": dict(
        architectures=["Qwen3ForCausalLM"], model_type="qwen3", num_key_value_heads=2, head_dim=8,
        max_position_embeddings=128, max_window_layers=2, rms_norm_eps=1e-06,
        rope_parameters=dict(rope_theta=1000000.0, rope_type="default"), attention_bias=False,
        layer_types=["full_attention"] * 2, sliding_window=None, use_sliding_window=False,
        tie_word_embeddings=False, eos_token_id=2, pad_token_id=0, dtype="float16",
        transformers_version="5.23.0",
    ),
    "smollm2": dict(
        architectures=["LlamaForCausalLM"], model_type="llama", num_key_value_heads=1, head_dim=4,
        max_position_embeddings=128, rms_norm_eps=1e-05,
        rope_parameters=dict(rope_theta=100000.0, rope_type="default"), tie_word_embeddings=True,
        attention_bias=False, mlp_bias=False, eos_token_id=2, pad_token_id=2, dtype="bfloat16",
        rope_interleaved=False, is_llama_config=True, transformers_version="5.23.0",
    ),
}
SHARDED = "llama3"
BATCH, LENGTH, PADDED_LENGTH, NEW_TOKENS = 2, 10, 6, 20
IGNORED = -100
PROBES = 12


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().double().flatten().tolist()]


def write_folder(name, config, generator):
    folder = FIXTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(SHAPE | COMMON | config, indent=2) + "\n")
    model = transformers.AutoModelForCausalLM.from_config(
        transformers.AutoConfig.from_pretrained(folder)
    )
    dtype = getattr(torch, config.get("dtype") or config["torch_dtype"])
    tensors = {}
    for key, tensor in model.state_dict().items():
        if key == "lm_head.weight" and config["tie_word_embeddings"]:
            continue
        noise = torch.randn(tensor.shape, generator=generator)
        # Norms near 1, the rest wide enough that attention is far from uniform.
        tensors[key] = (1 + 0.2 * noise if "norm" in key else 0.35 * noise).to(dtype)
    if name == SHARDED:
        keys = sorted(tensors)
        parts = [keys[: len(keys) // 2], keys[len(keys) // 2 :]]
        files = [f"model-{i + 1:05}-of-{len(parts):05}.safetensors" for i in range(len(parts))]
        for file, part in zip(files, parts):
            save_file({key: tensors[key] for key in part}, folder / file, {"format": "pt"})
        size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
        index = dict(
            metadata=dict(total_size=size),
            weight_map={key: file for file, part in zip(files, parts) for key in part},
        )
        (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    else:
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    if name == "llama2":
        generation = dict(bos_token_id=1, eos_token_id=[2, 5], pad_token_id=0)
        (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    return folder


def gradients(model, ids, names=None):
    """The mean cross-entropy of predicting each next id; the second row is padded at the end. Its gradient
    in all parameters, or in some of them."""
    labels = ids.clone()
    labels[1, PADDED_LENGTH:] = IGNORED
    logits = model(ids).logits[:, :-1].flatten(0, 1)
    loss = torch.nn.functional.cross_entropy(
        logits, labels[:, 1:].flatten(), ignore_index=IGNORED
    )
    model.zero_grad()
    loss.backward()
    result = {}
    for key, parameter in model.named_parameters():
        if names is not None and key not in names:
            continue
        flat = parameter.grad.flatten()
        places = torch.linspace(0, flat.numel() - 1, min(PROBES, flat.numel())).long()
        result[key] = dict(
            norm=rounded(flat.norm())[0], places=places.tolist(), values=rounded(flat[places])
        )
    return rounded(loss)[0], result


def greedy(model, prompts):
    """Greedy continuations of prompts padded at the front."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    output = model.generate(
        ids, attention_mask=mask, do_sample=False, max_new_tokens=NEW_TOKENS, eos_token_id=-1,
        pad_token_id=0, return_dict_in_generate=True, output_logits=True,
    )
    best = torch.stack(output.logits, 1).topk(2, -1).values
    gap = (best[..., 0] - best[..., 1]).min()
    assert gap > 1e-3, f"the continuation hangs on a difference of {gap}; choose another seed"
    return output.sequences[:, width:].tolist()


def main():
    torch.set_num_threads(1)
    for number, (name, config) in enumerate(FAMILIES.items()):
        generator = torch.Generator().manual_seed(100 + number)
        folder = write_folder(name, config, generator)
        model, info = transformers.AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
        )
        assert not any(info[kind] for kind in ("missing_keys", "unexpected_keys")), info
        # pad_token_id makes transformers drop the padding id's own gradient; ids are drawn above it.
        ids = torch.randint(4, SHAPE["vocab_size"], (BATCH, LENGTH), generator=generator)
        with torch.no_grad():
            output = model(ids)
            padding = LENGTH - PADDED_LENGTH
            mask = torch.ones_like(ids)
            mask[1, :padding] = 0
            positions = (mask.cumsum(1) - 1).clamp(min=0)
            padded = model(ids, attention_mask=mask, position_ids=positions).logits
        loss, slopes = gradients(model, ids)
        prompts = [ids[0, :4].tolist(), ids[1, :2].tolist()]
        expected = dict(
            ids=ids.tolist(),
            logits=rounded(output.logits),
            padding=padding,
            paddedLogits=rounded(padded[:, padding:]),
            paddedLength=PADDED_LENGTH,
            loss=loss,
            gradients=slopes,
            prompts=prompts,
            greedy=greedy(model, prompts),
            roundings=roundings(folder, ids, output.logits),
        )
        (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    write_rope()


def roundings(folder, ids, logits):
    """How far the logits of half-precision passes are from those in single precision."""
    result = {}
    for dtype in (torch.bfloat16, torch.float16):
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
        with torch.no_grad():
            difference = (model(ids).logits.float() - logits).abs().max()
        result[str(dtype).removeprefix("torch.")] = rounded(difference)[0]
    return result


def write_rope():
    """Inverse frequencies of real configurations."""
    llama31 = dict(
        factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=8192, rope_type="llama3",
    )
    cases = []
    for rope in (
        dict(rope_theta=10000.0),
        dict(rope_theta=10000.0, rope_scaling=dict(type="linear", factor=4.0)),
        dict(rope_theta=500000.0, rope_scaling=llama31),
        dict(rope_parameters=llama31 | dict(rope_theta=500000.0)),
        dict(rope_parameters=dict(rope_type="linear", factor=2.5, rope_theta=1000000.0)),
    ):
        config = SHAPE | COMMON | rope | dict(
            model_type="llama", head_dim=64, max_position_embeddings=131072
        )
        keys = {key: value for key, value in config.items() if key != "model_type"}
        model = transformers.LlamaModel(transformers.LlamaConfig(**keys))
        frequencies = [float(value) for value in model.rotary_emb.inv_freq.double().tolist()]
        cases.append(dict(config=config, frequencies=frequencies))
    (FIXTURES / "rope.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
