"""Makes the text encoders' fixtures of Tests/ModelsTests: tiny random encoders as Hugging Face folders,
and the hidden states that transformers computes with them.

    pip install torch==2.13.0 transformers==5.23.0 safetensors
    python Scripts/golden/text_encoders.py
"""

import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig, BertModel, DistilBertConfig, DistilBertModel, T5Config, T5EncoderModel,
    T5ForConditionalGeneration,
)

FIXTURES = pathlib.Path(__file__).parents[2] / "Tests" / "ModelsTests" / "Fixtures" / "encoders"
torch.set_num_threads(1)

BERT = dict(
    vocab_size=48, hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
    intermediate_size=40, max_position_embeddings=48, initializer_range=0.3,
)
T5 = dict(
    vocab_size=48, d_model=24, d_kv=10, d_ff=40, num_layers=2, num_heads=3,
    relative_attention_num_buckets=8, relative_attention_max_distance=20, initializer_factor=1.0,
)
MODELS = {
    "bert": lambda: BertModel(BertConfig(**BERT)),
    "distilbert": lambda: DistilBertModel(
        DistilBertConfig(
            vocab_size=48, dim=24, n_layers=2, n_heads=3, hidden_dim=40,
            max_position_embeddings=48, initializer_range=0.3,
        )
    ),
    # The whole model's file: the encoder must be found in it.
    "t5": lambda: T5ForConditionalGeneration(T5Config(**T5, feed_forward_proj="relu")),
    "flan-t5": lambda: T5EncoderModel(T5Config(**T5, feed_forward_proj="gated-gelu")),
}
# The second row is shorter, so that its end is padding.
ROWS = [[(7 * i + 3) % 48 for i in range(37)], [5, 44, 1, 17, 2]]

for number, (name, make) in enumerate(MODELS.items()):
    torch.manual_seed(number)
    model = make().eval()
    for parameter in model.parameters():
        # Norms and biases are not to be their initial ones and zeros.
        if parameter.dim() == 1:
            parameter.data += 0.2 * torch.randn_like(parameter)
    folder = FIXTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    keys = model.config.to_diff_dict() | model.config.to_dict()
    (folder / "config.json").write_text(json.dumps(keys, indent=1, sort_keys=True, default=str))
    weights = {
        key: value.contiguous() for key, value in model.state_dict().items()
        if not key.endswith("embed_tokens.weight") and key != "lm_head.weight"
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    encoder = model.get_encoder() if hasattr(model, "get_encoder") and "t5" in name else model
    length = max(map(len, ROWS))
    ids = torch.tensor([row + [0] * (length - len(row)) for row in ROWS])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in ROWS])
    with torch.no_grad():
        states = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    expected = {
        "rows": ROWS,
        "states": [states[i, : len(row)].flatten().tolist() for i, row in enumerate(ROWS)],
    }
    (folder / "expected.json").write_text(json.dumps(expected))
    print(name, states.shape, float(states.abs().max()))
