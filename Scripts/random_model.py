"""Makes a model folder of random weights in a wanted shape, Qwen2.5-0.5B's by default, for checks of memory
and speed at real sizes. Needs numpy alone.

    pip install numpy
    python Scripts/random_model.py OUTPUT --tokenizer FOLDER [--tokenizer-config FILE]
    python Scripts/random_model.py OUTPUT --family llama --hidden 256 --intermediate 688 --layers 4 \\
        --heads 4 --kv-heads 2 --vocabulary 512 --dtype float32

Matrices are normal with standard deviation 0.02, biases 0, norms 1, as transformers initialises them.
transformers and Laconic both open the folder.
"""

import argparse
import json
import pathlib
import shutil
import struct

import numpy

TOKENIZER_FILES = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja",
]
ARCHITECTURES = {
    "llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM"
}
STANDARD_DEVIATION = 0.02


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--tokenizer", type=pathlib.Path, help="folder whose tokenizer files are copied")
    parser.add_argument(
        "--tokenizer-config", type=pathlib.Path,
        help="tokenizer_config.json to take, where it lies elsewhere or under another name",
    )
    parser.add_argument("--family", choices=ARCHITECTURES, default="qwen2")
    parser.add_argument("--hidden", type=int, default=896)
    parser.add_argument("--intermediate", type=int, default=4864)
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--heads", type=int, default=14)
    parser.add_argument("--kv-heads", type=int, default=2)
    parser.add_argument("--head-width", type=int, help="hidden over heads if not given")
    parser.add_argument("--vocabulary", type=int, default=151936)
    parser.add_argument("--positions", type=int, default=32768)
    parser.add_argument("--rope-theta", type=float, default=1e6)
    parser.add_argument("--bos", type=int, default=151643)
    parser.add_argument("--eos", type=int, default=151643)
    parser.add_argument("--untied", action="store_true", help="an output weight of its own")
    parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="bfloat16")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.heads % arguments.kv_heads:
        parser.error("--heads must be a multiple of --kv-heads")
    if arguments.head_width is None and arguments.hidden % arguments.heads:
        parser.error("--hidden must be a multiple of --heads where there is no --head-width")
    for name in ("bos", "eos"):
        if not 0 <= getattr(arguments, name) < arguments.vocabulary:
            parser.error(f"--{name} must be below --vocabulary")
    if arguments.tokenizer and not (arguments.tokenizer / "tokenizer.json").is_file():
        parser.error(f"there is no tokenizer.json in {arguments.tokenizer}")
    if arguments.tokenizer_config and not arguments.tokenizer_config.is_file():
        parser.error(f"there is no file {arguments.tokenizer_config}")
    return arguments


def configuration(a, width):
    config = dict(
        architectures=[ARCHITECTURES[a.family]], attention_dropout=0.0, bos_token_id=a.bos,
        eos_token_id=a.eos, hidden_act="silu", hidden_size=a.hidden,
        initializer_range=STANDARD_DEVIATION, intermediate_size=a.intermediate,
        max_position_embeddings=a.positions, model_type=a.family, num_attention_heads=a.heads,
        num_hidden_layers=a.layers, num_key_value_heads=a.kv_heads, rms_norm_eps=1e-06,
        rope_theta=a.rope_theta, tie_word_embeddings=not a.untied, torch_dtype=a.dtype,
        use_cache=True, vocab_size=a.vocabulary,
    )
    if a.family != "qwen2":
        config |= dict(attention_bias=False, head_dim=width)
    elif width * a.heads != a.hidden:
        raise SystemExit("qwen2 has no head width of its own: leave --head-width out")
    return config


def shapes(a, width):
    """Names and shapes in the order of the file."""
    queries, keys = a.heads * width, a.kv_heads * width
    yield "model.embed_tokens.weight", (a.vocabulary, a.hidden)
    for layer in range(a.layers):
        name = f"model.layers.{layer}"
        for part, rows in (("q_proj", queries), ("k_proj", keys), ("v_proj", keys)):
            yield f"{name}.self_attn.{part}.weight", (rows, a.hidden)
            if a.family == "qwen2":
                yield f"{name}.self_attn.{part}.bias", (rows,)
        yield f"{name}.self_attn.o_proj.weight", (a.hidden, queries)
        if a.family == "qwen3":
            yield f"{name}.self_attn.q_norm.weight", (width,)
            yield f"{name}.self_attn.k_norm.weight", (width,)
        yield f"{name}.mlp.gate_proj.weight", (a.intermediate, a.hidden)
        yield f"{name}.mlp.up_proj.weight", (a.intermediate, a.hidden)
        yield f"{name}.mlp.down_proj.weight", (a.hidden, a.intermediate)
        yield f"{name}.input_layernorm.weight", (a.hidden,)
        yield f"{name}.post_attention_layernorm.weight", (a.hidden,)
    yield "model.norm.weight", (a.hidden,)
    if a.untied:
        yield "lm_head.weight", (a.vocabulary, a.hidden)


def values(name, shape, dtype, generator):
    if name.endswith("bias"):
        tensor = numpy.zeros(shape, numpy.float32)
    elif name.endswith("norm.weight"):
        tensor = numpy.ones(shape, numpy.float32)
    else:
        tensor = generator.standard_normal(shape, numpy.float32)
        tensor *= numpy.float32(STANDARD_DEVIATION)
    if dtype == "float32":
        return tensor
    # bfloat16 is the upper half of float32; rounded to nearest, ties to even.
    bits = tensor.view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def write_weights(path, a, width):
    """Writes tensor by tensor, so that no more than one is ever in memory."""
    size = 2 if a.dtype == "bfloat16" else 4
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes(a, width):
        end = offset + int(numpy.prod(shape)) * size
        header[name] = dict(
            dtype="BF16" if size == 2 else "F32", shape=shape, data_offsets=[offset, end]
        )
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    generator = numpy.random.default_rng(a.seed)
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in shapes(a, width):
            file.write(values(name, shape, a.dtype, generator).tobytes())
    partial.rename(path)
    return offset // size


def main():
    a = parse()
    width = a.head_width or a.hidden // a.heads
    config = configuration(a, width)
    a.output.mkdir(parents=True, exist_ok=True)
    (a.output / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    if a.tokenizer:
        for name in TOKENIZER_FILES:
            if (a.tokenizer / name).is_file():
                shutil.copyfile(a.tokenizer / name, a.output / name)
    if a.tokenizer_config:
        shutil.copyfile(a.tokenizer_config, a.output / "tokenizer_config.json")
    count = write_weights(a.output / "model.safetensors", a, width)
    print(f"{a.output}: {a.family}, {count:,} parameters in {a.dtype}")


if __name__ == "__main__":
    main()
