"""Makes the golden values of the Torch target's tests with PyTorch in float64.

    pip install torch==2.13.0 safetensors==0.8.0
    python Scripts/golden/torch_ops.py

writes Tests/TorchTests/Golden/{operations,adamw,safetensors}.json, the same bytes every time. An
operation's case has its inputs, the output, an upstream gradient and the gradients that it gives.
"""

import base64
import json
import math
import pathlib

import safetensors.torch
import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "TorchTests" / "Golden"
generator = torch.Generator().manual_seed(20)
cases = []


def normal(*shape, scale=1.0):
    """Numbers with few digits, so that the file is small and float32 inputs are nearly exact."""
    return (torch.randn(shape, generator=generator, dtype=torch.float64) * scale * 64).round() / 64


def positive(*shape):
    return normal(*shape).abs() + 0.25


def pack(tensor):
    kind = {torch.float64: "float64", torch.int64: "int64", torch.bool: "bool"}[tensor.dtype]
    return {"dtype": kind, "shape": list(tensor.shape), "values": tensor.flatten().tolist()}


def case(name, function, *inputs):
    leaves = [t.clone().requires_grad_(t.dtype == torch.float64) for t in inputs]
    output = function(*leaves)
    upstream = normal(*output.shape)
    wanted = [t for t in leaves if t.requires_grad]
    found = iter(torch.autograd.grad(output, wanted, upstream))
    gradients = [pack(next(found)) if t.requires_grad else None for t in leaves]
    cases.append({
        "name": name, "inputs": [pack(t) for t in inputs], "output": pack(output.detach()),
        "upstream": pack(upstream), "gradients": gradients,
    })


def rms_norm(x, weight, epsilon=1e-5):
    return x / (x.square().mean(-1, keepdim=True) + epsilon).sqrt() * weight


def rotary(x, cos, sin):
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


def attention(q, k, v, mask=None, causal=False):
    """Written out: softmax(q k^T / 2 + mask) v, each key head serving several query heads."""
    share = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(share, 1), v.repeat_interleave(share, 1)
    scores = q @ k.transpose(-1, -2) * 0.5
    if mask is not None:
        mask = torch.where(mask, 0.0, -math.inf) if mask.dtype == torch.bool else mask
        scores = scores + mask
    if causal:
        length = q.shape[2]
        scores = scores.masked_fill(~torch.ones(length, length, dtype=torch.bool).tril(), -math.inf)
    return scores.softmax(-1) @ v


def angles(length, width):
    steps = torch.arange(length, dtype=torch.float64)[:, None]
    turns = steps / 10.0 ** (torch.arange(width // 2, dtype=torch.float64)[None] / 2)
    return torch.cat([turns, turns], -1)


matrix, other, row = normal(2, 3), normal(2, 3), normal(3)
case("add", lambda a, b: a + b, matrix, row)
case("subtract", lambda a, b: a - b, matrix, row)
case("multiply", lambda a, b: a * b, matrix, row)
case("divide", lambda a, b: a / b, matrix, positive(3))
case("addNumber", lambda a: a + 1.5, matrix)
case("numberLess", lambda a: 1.5 - a, matrix)
case("numberOver", lambda a: 1.5 / a, positive(2, 3))
case("negate", lambda a: -a, matrix)
case("minimum", torch.minimum, matrix, other)
case("maximum", torch.maximum, matrix, other)
case("clamp", lambda a: a.clamp(-0.5, 0.5), matrix)
case("clampBelow", lambda a: a.clamp(min=-0.5), matrix)
case("power", lambda a: a ** 1.5, positive(2, 3))
for name in ["exp", "expm1", "sin", "cos", "tanh", "sigmoid", "relu", "abs", "square"]:
    case(name, getattr(torch, name), matrix)
for name in ["log", "log1p", "sqrt", "rsqrt", "reciprocal"]:
    case(name, getattr(torch, name), positive(2, 3))
case("logSigmoid", F.logsigmoid, matrix)
case("softplus", F.softplus, matrix)
case("silu", F.silu, matrix)
case("gelu", F.gelu, matrix)
case("geluTanh", lambda a: F.gelu(a, approximate="tanh"), matrix)

cube = normal(2, 3, 2)
case("sum", lambda a: a.sum(), matrix)
case("sumKeep", lambda a: a.sum((0, 2), keepdim=True), cube)
case("mean", lambda a: a.mean((1,)), cube)
case("max", lambda a: a.amax((1,)), cube)
case("min", lambda a: a.amin((0, -1)), cube)
case("logSumExp", lambda a: a.logsumexp((1,)), cube)
case("norm", lambda a: a.norm(), matrix)
case("variance", lambda a: a.var(1, correction=1), matrix)
case("variancePopulation", lambda a: a.var(-1, correction=0, keepdim=True), matrix)
case("cumulativeSum", lambda a: a.cumsum(1), matrix)
case("sortedValues", lambda a: a.sort(dim=1, descending=True, stable=True).values, normal(2, 4))
case("topValues", lambda a: a.topk(2, dim=-1).values, normal(2, 4))

case("reshape", lambda a: a.reshape(3, -1), cube)
case("transpose", lambda a: a.transpose(-2, -1), cube)
case("permute", lambda a: a.permute(2, 0, 1), cube)
case("unsqueeze", lambda a: a.unsqueeze(1), matrix)
case("squeeze", lambda a: a.squeeze(0), normal(1, 3))
case("expand", lambda a: a.expand(2, -1), normal(1, 3))
case("narrow", lambda a: a.narrow(1, 1, 2), matrix)
case("select", lambda a: a.select(1, 2), matrix)
case("flip", lambda a: a.flip(1), matrix)
case("lowerTriangle", lambda a: a.tril(), normal(3, 3))
case("repeatInterleave", lambda a: a.repeat_interleave(2, 1), matrix)
case("padLast", lambda a: F.pad(a, (1, 2), value=0.5), matrix)
case("concatenate", lambda a, b: torch.cat([a, b], 1), matrix, normal(2, 2))
case("stack", lambda a, b: torch.stack([a, b], 1), matrix, other)
case("clone", lambda a: a.clone(), matrix)

ids = torch.tensor([2, 0, 2])
case("indexSelect", lambda a, i: a.index_select(1, i), matrix, ids)
case("gather", lambda a, i: a.gather(1, i), matrix, torch.tensor([[2, 0], [1, 1]]))
case("scatter", lambda a, i, b: a.scatter(1, i, b), matrix, torch.tensor([[2], [1]]), normal(2, 1))
case("scatterAdd", lambda a, i, b: a.scatter_add(1, i, b), matrix,
     torch.tensor([[2, 2], [1, 0]]), normal(2, 2))
case("indexAdd", lambda a, i, b: a.index_add(1, i, b), matrix, ids, normal(2, 3))
case("maskedFill", lambda a, m: a.masked_fill(m, 0.5), matrix, matrix > 0)
case("maskedSelect", lambda a, m: a.masked_select(m), matrix, matrix > 0)
case("where", lambda m, a, b: torch.where(m, a, b), matrix > 0, matrix, other)
case("rowsColumns", lambda a, i, j: a[i, j], matrix, torch.tensor([1, 0, 1]), ids)
case("embedding", lambda w, i: F.embedding(i, w), normal(3, 2), torch.tensor([[2, 0], [2, 2]]))

case("matmul", lambda a, b: a @ b, matrix, normal(3, 2))
case("matmulBatched", lambda a, b: a @ b, cube, normal(2, 2))
case("linear", lambda a, w, b: F.linear(a, w, b), cube, normal(3, 2), normal(3))
case("softmax", lambda a: a.softmax(-1), matrix)
case("logSoftmax", lambda a: a.log_softmax(0), matrix)
case("rmsNorm", rms_norm, normal(2, 1, 5), normal(5))
case("layerNorm", lambda a, w, b: F.layer_norm(a, (5,), w, b, 1e-5), normal(2, 5), normal(5), normal(5))
case("siluMultiply", lambda a, b: F.silu(a) * b, matrix, other)
phases = angles(3, 4)
case("rotary", rotary, normal(1, 2, 3, 4), phases.cos(), phases.sin())
# cos and sin take no gradient in the engine.
cases[-1]["gradients"][1:] = [None, None]

q, k, v = normal(1, 2, 3, 4), normal(1, 2, 3, 4), normal(1, 2, 3, 4)
allowed = torch.tensor([[True, False, True], [True, True, False], [False, True, True]])
case("attention", attention, q, k, v)
case("attentionCausal", lambda a, b, c: attention(a, b, c, causal=True), q, k, v)
case("attentionMask", attention, q, k, v, allowed)
bias = normal(3, 3)
case("attentionBias", lambda a, b, c: attention(a, b, c, bias), q, k, v)
cases[-1]["inputs"].append(pack(bias))
cases[-1]["gradients"].append(None)
k, v = normal(1, 1, 3, 4), normal(1, 1, 3, 4)
case("attentionGrouped", attention, q, k, v, allowed)
case("attentionGroupedCausal", lambda a, b, c: attention(a, b, c, causal=True), q, k, v)


def token_log_probabilities(hidden, weight, targets):
    return ((hidden @ weight.T) / 0.7).log_softmax(-1).gather(1, targets[:, None]).squeeze(1)


hidden, weight, targets = normal(5, 3), normal(6, 3), torch.tensor([0, 5, 2, 2, 1])
case("tokenLogProbabilities", token_log_probabilities, hidden, weight, targets)
case("tokenLogProbabilitiesInChunks", token_log_probabilities, hidden, weight, targets)
distribution = torch.distributions.Categorical(logits=hidden @ weight.T / 0.7)
entropies = {"hidden": pack(hidden), "weight": pack(weight), "targets": pack(targets),
             "entropies": pack(distribution.entropy())}


def adamw():
    """Five steps of two groups; the second parameter of the first has no gradient in step 3."""
    names = ["a", "b", "c"]
    start = {"a": normal(2, 2), "b": normal(3), "c": normal(2)}
    leaves = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimizer = torch.optim.AdamW(
        [{"params": [leaves["a"], leaves["b"]], "weight_decay": 0.1, "lr": 0.03},
         {"params": [leaves["c"]], "weight_decay": 0.0, "lr": 0.015}],
        betas=(0.8, 0.95), eps=1e-6)
    steps = []
    for step in range(5):
        gradients = {name: normal(*start[name].shape) for name in names}
        if step == 3:
            del gradients["b"]
        for name in names:
            leaves[name].grad = gradients[name].clone() if name in gradients else None
        optimizer.step()
        steps.append({
            "gradients": {name: pack(value) for name, value in gradients.items()},
            "parameters": {name: pack(leaves[name].detach().clone()) for name in names},
        })
    state = {f"{key}.{name}": pack(optimizer.state[leaves[name]][theirs].double())
             for name in names
             for key, theirs in [("first", "exp_avg"), ("second", "exp_avg_sq"), ("step", "step")]}
    clipped = [normal(2, 2), normal(3)]
    leaves = [torch.zeros_like(g).requires_grad_() for g in clipped]
    for leaf, gradient in zip(leaves, clipped):
        leaf.grad = gradient.clone()
    total = torch.nn.utils.clip_grad_norm_(leaves, 0.5)
    clipping = {"gradients": [pack(g) for g in clipped], "maximum": 0.5, "norm": total.item(),
                "clipped": [pack(leaf.grad) for leaf in leaves]}
    return {"start": {name: pack(value) for name, value in start.items()}, "steps": steps,
            "state": state, "clipping": clipping}


def safetensors_file():
    tensors = {
        "b": torch.tensor([[1.5, -2.0]]), "a": torch.tensor([3, -4]), "é/😀": torch.tensor(0.5),
        "half": torch.tensor([0.25, 8.0], dtype=torch.float16), "none": torch.zeros(0, 3),
        "brain": torch.tensor([-1.0], dtype=torch.bfloat16), "mask": torch.tensor([True, False]),
        "byte": torch.tensor([7], dtype=torch.uint8), "wide": torch.tensor([0.1]).double(),
    }
    data = safetensors.torch.save(tensors, {"format": "pt"})
    return {"bytes": base64.b64encode(data).decode(), "metadata": {"format": "pt"}, "tensors": {
        name: {"dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape),
               "values": t.double().flatten().tolist()} for name, t in tensors.items()}}


def write(name, content):
    lines = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # One case a line keeps differences readable.
    (FOLDER / name).write_text(lines.replace('},{"name"', '},\n{"name"') + "\n", encoding="utf-8")


FOLDER.mkdir(parents=True, exist_ok=True)
write("operations.json", {"torch": torch.__version__.split("+")[0], "cases": cases, "entropies": entropies})
write("adamw.json", adamw())
write("safetensors.json", safetensors_file())
