#!/usr/bin/env python3
"""Measures a Qwen3 embedder of the 0.6B shape beside torch, in bf16, on random weights.

    Benchmarks/compare_qwen3.py --tokenizer tokenizer.json --corpus .build/data/cranfield/corpus.jsonl

Speed depends on shapes, not on what the weights are, so they are made on the spot: 1.2 GB in --work.
The two take turns: batches of 4 texts cut at 128 tokens, and single texts of 19 tokens. Before that
they have to agree: the vectors of the texts measured are compared. Needs numpy, safetensors, torch,
transformers and tokenizers; `swift build -c release --product EmbedderBenchmark` makes ragd's side.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
SHAPE = {
    "model_type": "qwen3", "architectures": ["Qwen3Model"], "hidden_size": 1024,
    "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
    "intermediate_size": 3072, "vocab_size": 151669, "max_position_embeddings": 32768,
    "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "hidden_act": "silu", "attention_bias": False,
    "tie_word_embeddings": True,
}
TOKENS, BATCH, BATCHES, QUERY_TOKENS = 128, 4, 4, 19
MODULES = ["Transformer", "Pooling", "Normalize"]


def make_model(folder: pathlib.Path, tokenizer: pathlib.Path) -> None:
    """Random weights in the layout of sentence-transformers; there already, they stay."""
    import torch
    from safetensors.torch import save_file

    if (folder / "modules.json").exists():
        return
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(1)
    matrix = lambda *shape: (0.02 * torch.randn(*shape, generator=generator)).bfloat16()
    scale = lambda size: (1 + 0.1 * torch.randn(size, generator=generator)).bfloat16()
    width, inner, head = SHAPE["hidden_size"], SHAPE["intermediate_size"], SHAPE["head_dim"]
    queries, keys = SHAPE["num_attention_heads"] * head, SHAPE["num_key_value_heads"] * head
    weights = {"embed_tokens.weight": matrix(SHAPE["vocab_size"], width), "norm.weight": scale(width)}
    for layer in range(SHAPE["num_hidden_layers"]):
        weights |= {
            f"layers.{layer}.{name}.weight": tensor for name, tensor in (
                ("input_layernorm", scale(width)), ("post_attention_layernorm", scale(width)),
                ("self_attn.q_proj", matrix(queries, width)),
                ("self_attn.k_proj", matrix(keys, width)),
                ("self_attn.v_proj", matrix(keys, width)),
                ("self_attn.o_proj", matrix(width, queries)),
                ("self_attn.q_norm", scale(head)), ("self_attn.k_norm", scale(head)),
                ("mlp.gate_proj", matrix(inner, width)), ("mlp.up_proj", matrix(inner, width)),
                ("mlp.down_proj", matrix(width, inner)),
            )
        }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    shutil.copy(tokenizer, folder / "tokenizer.json")
    pooling = {"word_embedding_dimension": width, "pooling_mode_lasttoken": True}
    (folder / "config.json").write_text(json.dumps(SHAPE))
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    paths = ["", "1_Pooling", "2_Normalize"]
    (folder / "modules.json").write_text(json.dumps([
        {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for index, (kind, path) in enumerate(zip(MODULES, paths))
    ]))


class Torch:
    """transformers' own Qwen3, in bf16."""

    def __init__(self, folder: pathlib.Path, texts: list[list[int]], threads: int):
        import torch
        from transformers import AutoModel

        torch.set_num_threads(threads)
        self.torch = torch
        self.model = AutoModel.from_pretrained(folder, dtype=torch.bfloat16).eval()
        self.texts = texts
        self.vectors = []

    def run(self, batch: list[list[int]]):
        with self.torch.inference_mode():
            states = self.model(input_ids=self.torch.tensor(batch), use_cache=False)
            last = states.last_hidden_state[:, -1].float()
            return self.torch.nn.functional.normalize(last, dim=-1).numpy()

    def corpus(self) -> float:
        """Tokens per second."""
        begin = time.perf_counter()
        batches = [self.texts[start : start + BATCH] for start in range(0, len(self.texts), BATCH)]
        self.vectors = [vector for batch in batches for vector in self.run(batch)]
        return len(self.texts) * TOKENS / (time.perf_counter() - begin)

    def query(self, count: int) -> float:
        """Milliseconds, the median."""
        times = []
        for text in self.texts[:count]:
            begin = time.perf_counter()
            self.run([text[: QUERY_TOKENS - 1] + text[-1:]])
            times.append(1e3 * (time.perf_counter() - begin))
        return statistics.median(times)


class Ragd:
    """The same by EmbedderBenchmark."""

    def __init__(self, benchmark: pathlib.Path, folder: pathlib.Path, corpus: pathlib.Path,
                 threads: int, precision: str):
        self.process = subprocess.Popen(
            [benchmark, "embed", "--model", folder, "--corpus", corpus, "--precision", precision,
             "--threads", str(threads), "--batch", str(BATCH), "--tokens-max", str(TOKENS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.loaded = json.loads(self.process.stdout.readline())

    def command(self, line: str) -> dict:
        print(line, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def corpus(self) -> float:
        return self.command("corpus")["tokens_per_s"]

    def query(self, count: int) -> float:
        return self.command(f"query {count}")["p50_ms"]

    def resident(self) -> float:
        """Megabytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokenizer", type=pathlib.Path, required=True)
    parser.add_argument("--corpus", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, default=REPOSITORY / ".build/bench/qwen3")
    parser.add_argument(
        "--benchmark", type=pathlib.Path, default=REPOSITORY / ".build/release/EmbedderBenchmark"
    )
    parser.add_argument("--precision", default="bf16")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()

    import numpy
    from tokenizers import Tokenizer

    folder = chosen.work / "Qwen3-Embedding-0.6B-random"
    make_model(folder, chosen.tokenizer)
    tokenizer = Tokenizer.from_file(str(chosen.tokenizer))
    texts, ids = [], []
    for line in chosen.corpus.open():
        row = json.loads(line)
        text = f"{row['title']} {row['text']}"
        # Long enough to be cut, so that all are of one length and torch pads nothing.
        encoded = tokenizer.encode(text).ids
        if len(encoded) > TOKENS and len(ids) < BATCH * BATCHES:
            texts.append({"text": text})
            ids.append(encoded[: TOKENS - 1] + encoded[-1:])
    cut = chosen.work / "texts.jsonl"
    cut.write_text("".join(json.dumps(text) + "\n" for text in texts))

    ragd = Ragd(chosen.benchmark, folder, cut, chosen.threads, chosen.precision)
    print(json.dumps(ragd.loaded))
    engines = {"torch bf16": Torch(folder, ids, chosen.threads), f"ragd {chosen.precision}": ragd}
    rates, times = {name: [] for name in engines}, {name: [] for name in engines}
    for number in range(chosen.rounds + 1):
        for name, engine in engines.items():
            rate, milliseconds = engine.corpus(), engine.query(8)
            # The first round warms up.
            if number > 0:
                rates[name].append(rate)
                times[name].append(milliseconds)
    ragd.command(f"vectors {chosen.work / 'vectors.f32'}")
    ours = numpy.fromfile(chosen.work / "vectors.f32", "<f4").reshape(len(ids), -1)
    theirs = numpy.stack(engines["torch bf16"].vectors)
    cosines = (ours * theirs).sum(axis=1)
    for name in engines:
        print(f"{name}: {max(rates[name]):.0f} tokens/s ({statistics.median(rates[name]):.0f}), "
              f"{QUERY_TOKENS} tokens in {min(times[name]):.1f} ms ({statistics.median(times[name]):.1f})")
    print(f"cosine of the two: mean {cosines.mean():.6f}, least {cosines.min():.6f}; "
          f"ragd's memory {ragd.resident():.0f} MB")
    ragd.process.stdin.close()
    ragd.process.wait(30)


if __name__ == "__main__":
    main()
