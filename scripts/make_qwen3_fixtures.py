#!/usr/bin/env python3
"""Makes the tiny Qwen3 models of Tests/EmbedderTests/Fixtures/qwen3, and what they compute.

    make_qwen3_fixtures.py Tests/EmbedderTests/Fixtures/qwen3

Needs torch, transformers and safetensors. Weights are random; the references are the layers' states
and the last token's final state as transformers computes them, of several texts, each by itself.
"""
import json
import pathlib
import shutil
import struct
import sys

import numpy
import torch
from transformers import Qwen3Config, Qwen3ForCausalLM, Qwen3Model

LENGTHS = [1, 2, 3, 7, 13, 16, 40]
MODELS = {
    # name: (sizes, whether the weights come as a causal language model in shards)
    "grouped": (dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3,
                     num_attention_heads=4, num_key_value_heads=2, head_dim=8,
                     tie_word_embeddings=True), False),
    "single": (dict(hidden_size=20, intermediate_size=36, num_hidden_layers=2,
                    num_attention_heads=6, num_key_value_heads=1, head_dim=6,
                    tie_word_embeddings=False), True),
    "plain": (dict(hidden_size=32, intermediate_size=33, num_hidden_layers=2,
                   num_attention_heads=8, num_key_value_heads=8, head_dim=4,
                   tie_word_embeddings=True), True),
}


def write_floats(path, rows):
    path.write_bytes(numpy.ascontiguousarray(rows, dtype="<f4").tobytes())


def make(folder, sizes, is_causal_model):
    config = Qwen3Config(vocab_size=61, max_position_embeddings=64, rope_theta=1e6,
                         rms_norm_eps=1e-6, initializer_range=0.15, **sizes)
    torch.manual_seed(len(str(sizes)))
    causal = Qwen3ForCausalLM(config).eval()
    with torch.no_grad():
        for name, parameter in causal.named_parameters():
            # Norms start as ones, which would hide a wrong scale.
            if "norm" in name:
                parameter.add_(0.5 * torch.randn_like(parameter))
    model: Qwen3Model = causal.model
    if is_causal_model:
        causal.save_pretrained(folder, max_shard_size="12KB")
    else:
        model.save_pretrained(folder)
    for name in ("generation_config.json",):
        (folder / name).unlink(missing_ok=True)
    width = config.hidden_size
    (folder / "modules.json").write_text(json.dumps([
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling",
         "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize",
         "type": "sentence_transformers.models.Normalize"},
    ], indent=1) + "\n")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({
        "word_embedding_dimension": width, "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": False, "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False, "pooling_mode_lasttoken": True,
    }, indent=1) + "\n")
    generator = torch.Generator().manual_seed(7)
    texts = [torch.randint(0, 61, (length,), generator=generator) for length in LENGTHS]
    states, vectors = [], []
    with torch.no_grad():
        for ids in texts:
            output = model(ids[None], output_hidden_states=True)
            # The last of hidden_states is behind the final norm; the layers' are before it.
            states.append([state[0] for state in output.hidden_states[:-1]])
            last = output.last_hidden_state[0, -1]
            vectors.append(last / last.norm())
    (folder / "ids.json").write_text(json.dumps([ids.tolist() for ids in texts]) + "\n")
    # All layers of a text, text after text.
    write_floats(folder / "states.f32", numpy.concatenate(
        [torch.stack(layers).numpy().reshape(-1) for layers in states]))
    write_floats(folder / "vectors.f32", torch.stack(vectors).numpy())


def main():
    root = pathlib.Path(sys.argv[1])
    shutil.rmtree(root, ignore_errors=True)
    for name, (sizes, is_causal_model) in MODELS.items():
        folder = root / name
        folder.mkdir(parents=True)
        make(folder, sizes, is_causal_model)
    files = [path for path in root.rglob("*") if path.is_file()]
    print(len(files), "files,", sum(path.stat().st_size for path in files), "bytes")


main()
