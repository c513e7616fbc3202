#!/usr/bin/env python3
"""The peer of the benchmark: DPO with LoRA as Hugging Face TRL's DPOTrainer does it on a CPU, in plain PyTorch.

It needs PyTorch alone (Debian's python3-torch 1.13 with libopenblas0-openmp, or any newer one), so that it runs where transformers, PEFT and TRL are not installed.
What is as in TRL: chosen and rejected are concatenated along the batch and right-padded to the longer one; the reference is the same network with
its adapters switched off, run at every step under no_grad and timed apart (TRL's precompute_ref_log_probs runs the same before the first step); logits are taken at all positions;
log-probabilities are log_softmax and gather in float32, summed over the completion; the sigmoid loss; gradients clipped to norm 1; AdamW.
What is as in transformers and PEFT: a Llama decoder with grouped-query attention by repeat_kv, an additive causal mask, LoRA on all seven linear layers.
Frozen weights get no gradient, dropout is off, nothing is checkpointed.

The folder holds base/model.safetensors and adapter/adapter_model.safetensors under Hugging Face's and PEFT's names, and rows.jsonl: one JSON object a line,
{"prompt_ids": [...], "chosen_ids": [...], "rejected_ids": [...]}, already truncated. The last line printed is one JSON object.
"""
import argparse
import json
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

# SmolLM2-135M
HIDDEN, LAYERS, HEADS, KV_HEADS = 576, 30, 9, 3
HEAD_DIM = HIDDEN // HEADS
ROPE_THETA, RMS_EPS = 100000.0, 1e-5
LORA_RANK, LORA_ALPHA = 16, 32
PAD_ID = 0


def read_safetensors(path):
    """All tensors of a float32 safetensors file by name: 8 bytes with the header's length, the header as JSON, the data."""
    tensors = {}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            data = bytearray(end - begin)
            file.seek(start + begin)
            file.readinto(data)
            tensors[name] = torch.frombuffer(data, dtype=torch.float32).view(entry["shape"])
    return tensors


def frozen(weights, name):
    return nn.Parameter(weights[name + ".weight"], requires_grad=False)


class LoraLinear(nn.Module):
    """y = W x + (alpha / r) B A x with W frozen, as PEFT's LoRA."""

    def __init__(self, weights, name):
        super().__init__()
        self.weight = frozen(weights, name)
        self.lora_a = nn.Parameter(weights[f"base_model.model.{name}.lora_A.weight"])
        self.lora_b = nn.Parameter(weights[f"base_model.model.{name}.lora_B.weight"])

    def forward(self, x, adapters):
        y = F.linear(x, self.weight)
        if not adapters:
            return y
        return torch.add(y, F.linear(F.linear(x, self.lora_a), self.lora_b), alpha=LORA_ALPHA / LORA_RANK)


class RmsNorm(nn.Module):
    def __init__(self, weights, name):
        super().__init__()
        self.weight = frozen(weights, name)

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + RMS_EPS))


def rotate_half(x):
    return torch.cat((-x[..., HEAD_DIM // 2:], x[..., :HEAD_DIM // 2]), dim=-1)


def repeat_kv(x):
    batch, heads, length, dim = x.shape
    repeats = HEADS // KV_HEADS
    return x[:, :, None].expand(batch, heads, repeats, length, dim).reshape(batch, heads * repeats, length, dim)


class Layer(nn.Module):
    def __init__(self, weights, prefix):
        super().__init__()
        self.input_norm = RmsNorm(weights, prefix + "input_layernorm")
        self.mlp_norm = RmsNorm(weights, prefix + "post_attention_layernorm")
        self.q, self.k, self.v, self.o = (LoraLinear(weights, f"{prefix}self_attn.{name}_proj") for name in "qkvo")
        self.gate, self.up, self.down = (LoraLinear(weights, f"{prefix}mlp.{name}_proj") for name in ("gate", "up", "down"))

    def attention(self, x, cos, sin, mask, adapters):
        batch, length, _ = x.shape

        def heads(t):
            return t.view(batch, length, -1, HEAD_DIM).transpose(1, 2)  # [B, T, H*D] -> [B, H, T, D]

        q, k, v = heads(self.q(x, adapters)), heads(self.k(x, adapters)), heads(self.v(x, adapters))
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        k, v = repeat_kv(k), repeat_kv(v)
        scores = torch.matmul(q * HEAD_DIM ** -0.5, k.transpose(2, 3)).add_(mask)
        out = torch.matmul(F.softmax(scores, dim=-1), v)
        return self.o(out.transpose(1, 2).reshape(batch, length, -1), adapters)

    def forward(self, x, cos, sin, mask, adapters):
        x = x + self.attention(self.input_norm(x), cos, sin, mask, adapters)
        h = self.mlp_norm(x)
        return x + self.down(F.silu(self.gate(h, adapters)) * self.up(h, adapters), adapters)


class Decoder(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embeddings = frozen(weights, "model.embed_tokens")
        self.layers = nn.ModuleList(Layer(weights, f"model.layers.{layer}.") for layer in range(LAYERS))
        self.norm = RmsNorm(weights, "model.norm")
        self.inverse_frequency = 1.0 / ROPE_THETA ** (torch.arange(0, HEAD_DIM, 2).float() / HEAD_DIM)

    def forward(self, ids, adapters):
        length = ids.shape[1]
        angles = torch.outer(torch.arange(length).float(), self.inverse_frequency)
        angles = torch.cat((angles, angles), dim=-1)
        cos, sin = angles.cos(), angles.sin()
        # Right padding comes after every real token, so the causal mask alone keeps it out.
        mask = torch.full((length, length), float("-inf")).triu_(1)
        x = F.embedding(ids, self.embeddings)
        for layer in self.layers:
            x = layer(x, cos, sin, mask, adapters)
        return F.linear(self.norm(x), self.embeddings)


def collate(row):
    """[chosen; rejected], right-padded: ids and a mask that is 1 on completion tokens, both [2, T]."""
    prompt = row["prompt_ids"]
    sequences = [prompt + row["chosen_ids"], prompt + row["rejected_ids"]]
    longest = max(map(len, sequences))
    ids = torch.full((2, longest), PAD_ID)
    completion = torch.zeros(2, longest)
    for i, sequence in enumerate(sequences):
        ids[i, :len(sequence)] = torch.tensor(sequence)
        completion[i, len(prompt):len(sequence)] = 1
    return ids, completion


def sequence_logps(model, ids, completion, adapters):
    """Summed log-probability of each completion, [2]."""
    logits = model(ids, adapters)[:, :-1]
    logps = F.log_softmax(logits, dim=-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
    return (logps * completion[:, 1:]).sum(-1)


def reference_logps(model, ids, completion):
    with torch.no_grad():
        return sequence_logps(model, ids, completion, adapters=False)


def train_step(model, optimizer, parameters, batch, reference, beta):
    ids, completion = batch
    rewards = sequence_logps(model, ids, completion, adapters=True) - reference
    loss = -F.logsigmoid(beta * (rewards[0] - rewards[1]))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


def blas():
    """The matrix library that this process runs on. Debian's PyTorch takes what is installed, and its default is the reference BLAS, many times slower: no peer to measure against."""
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        text = maps.read()
    found = next((name for name in ("openblas", "blis") if name in text), None)
    if found or torch.backends.mkl.is_available():
        return found or "mkl"
    sys.exit("trl_like_dpo.py: this PyTorch runs on the reference BLAS; install libopenblas0-openmp.")


def peak_memory_mb():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True, help="base, adapter and rows")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--beta", type=float, default=0.1)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    return parser.parse_args()


def main():
    arguments = read_arguments()
    torch.set_num_threads(arguments.threads)
    name = f"PyTorch {torch.__version__}, {blas()}"
    with open(os.path.join(arguments.folder, "rows.jsonl"), encoding="utf-8") as lines:
        batches = [collate(json.loads(line)) for line in lines if line.strip()]
    model = Decoder({**read_safetensors(os.path.join(arguments.folder, "base", "model.safetensors")),
                     **read_safetensors(os.path.join(arguments.folder, "adapter", "adapter_model.safetensors"))})
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=arguments.learning_rate, weight_decay=0.0)

    losses, times = [], []
    for batch in batches:
        start = time.perf_counter()
        reference = reference_logps(model, *batch)
        middle = time.perf_counter()
        losses.append(train_step(model, optimizer, parameters, batch, reference, arguments.beta))
        times.append((middle - start, time.perf_counter() - middle))
    times = times[1:]  # the first row warms up
    print(json.dumps({"name": name, "seconds": sum(t[1] for t in times), "reference_seconds": sum(t[0] for t in times),
                      "peak_mb": peak_memory_mb(), "loss": losses}))


if __name__ == "__main__":
    main()
