#!/usr/bin/env python3
"""Makes the tiny models of Tests/EmbedderTests/Fixtures/architectures, and what they compute.

    make_architecture_fixtures.py Tests/EmbedderTests/Fixtures/architectures

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
from transformers import (
    Qwen3Config, Qwen3ForCausalLM, RobertaConfig, RobertaModel, XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

LENGTHS = [1, 2, 3, 7, 13, 16, 40]
QWEN3 = {
    # name: (sizes, whether the weights come as a causal language model in shards)
    "qwen3-grouped": (dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3,
                     num_attention_heads=4, num_key_value_heads=2, head_dim=8,
                     tie_word_embeddings=True), False),
    "qwen3-single": (dict(hidden_size=20, intermediate_size=36, num_hidden_layers=2,
                    num_attention_heads=6, num_key_value_heads=1, head_dim=6,
                    tie_word_embeddings=False), True),
    "qwen3-plain": (dict(hidden_size=32, intermediate_size=33, num_hidden_layers=2,
                   num_attention_heads=8, num_key_value_heads=8, head_dim=4,
                   tie_word_embeddings=True), True),
}


def write_floats(path, rows):
    path.write_bytes(numpy.ascontiguousarray(rows, dtype="<f4").tobytes())


def shake_norms(model):
    """Norms start as ones and zeros, which would hide a wrong scale or shift."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name.lower():
                parameter.add_(0.5 * torch.randn_like(parameter))


def make_qwen3(folder, sizes, is_causal_model):
    config = Qwen3Config(vocab_size=61, max_position_embeddings=64, rope_theta=1e6,
                         rms_norm_eps=1e-6, initializer_range=0.15, **sizes)
    torch.manual_seed(len(str(sizes)))
    causal = Qwen3ForCausalLM(config).eval()
    shake_norms(causal)
    if is_causal_model:
        causal.save_pretrained(folder, max_shard_size="12KB")
    else:
        causal.model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    finish(folder, causal.model, "lasttoken", low=0)


def make_roberta(folder, config_class, model_class, **sizes):
    config = config_class(vocab_size=61, max_position_embeddings=50, initializer_range=0.3,
                          hidden_size=24, intermediate_size=40, num_attention_heads=3,
                          num_hidden_layers=2, **sizes)
    torch.manual_seed(3)
    model = model_class(config).eval()
    shake_norms(model)
    model.save_pretrained(folder)
    # Ids from 2 on: the padding's would not count as a position.
    finish(folder, getattr(model, "roberta", model), "cls_token", low=2)


def finish(folder, model, pooling, low):
    """Writes the modules' files and the references."""
    width = model.config.hidden_size
    (folder / "modules.json").write_text(json.dumps([
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling",
         "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize",
         "type": "sentence_transformers.models.Normalize"},
    ], indent=1) + "\n")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({
        "word_embedding_dimension": width, f"pooling_mode_{pooling}": True,
    }, indent=1) + "\n")
    generator = torch.Generator().manual_seed(7)
    texts = [torch.randint(low, 61, (length,), generator=generator) for length in LENGTHS]
    states, vectors = [], []
    with torch.no_grad():
        for ids in texts:
            output = model(ids[None], output_hidden_states=True)
            # Qwen3's last hidden state is behind the final norm; the layers' are before it.
            states.append([state[0] for state in output.hidden_states[:-1]])
            vector = output.last_hidden_state[0, -1 if pooling == "lasttoken" else 0]
            vectors.append(vector / vector.norm())
    (folder / "ids.json").write_text(json.dumps([ids.tolist() for ids in texts]) + "\n")
    # All layers of a text, text after text.
    write_floats(folder / "states.f32", numpy.concatenate(
        [torch.stack(layers).numpy().reshape(-1) for layers in states]))
    write_floats(folder / "vectors.f32", torch.stack(vectors).numpy())


def folder_of(root, name):
    folder = root / name
    folder.mkdir(parents=True)
    return folder


def main():
    root = pathlib.Path(sys.argv[1])
    shutil.rmtree(root, ignore_errors=True)
    for name, (sizes, is_causal_model) in QWEN3.items():
        make_qwen3(folder_of(root, name), sizes, is_causal_model)
    make_roberta(folder_of(root, "roberta"), RobertaConfig, RobertaModel, type_vocab_size=1)
    make_roberta(folder_of(root, "xlm-roberta"), XLMRobertaConfig,
                 XLMRobertaForSequenceClassification, type_vocab_size=2, num_labels=1)
    files = [path for path in root.rglob("*") if path.is_file()]
    print(len(files), "files,", sum(path.stat().st_size for path in files), "bytes")


main()
