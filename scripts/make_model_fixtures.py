#!/usr/bin/env python3
"""Makes the tiny random-weight models under Tests/EmbedderTests/Fixtures/tiny, and what
sentence-transformers makes of a few texts with them. They have what the default model lacks:
heads that no vector width divides, half-precision weights, other poolings and functions, Dense.

    make_model_fixtures.py          (numpy, torch, transformers, sentence-transformers, safetensors)

The tokenizer is that of Fixtures/tiny/cls, which make_fixtures.py writes. Made with torch 2.13 and
transformers 5.24.
"""
import json
import pathlib
import shutil
import tempfile

import numpy
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from transformers import BertConfig, BertModel

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests/EmbedderTests/Fixtures"
TEXTS = ["", "wing", "a wing, lifted.", "drag " * 60, "\u4e2d\u6587 caf\u00e9 ababab"]
WIDTH = 28

# name: encoder settings, type of the weights, prefix of their names, pooling, modules after it
MODELS = {
    "dense": (
        {"num_attention_heads": 4, "hidden_act": "gelu_new", "type_vocab_size": 1},
        torch.float16, "bert.", "max", ["Dense", "Normalize"],
    ),
    "last": (
        {"num_attention_heads": 2, "hidden_act": "relu", "type_vocab_size": 2},
        torch.bfloat16, "", "lasttoken", [],
    ),
    "sqrt": (
        {"num_attention_heads": 1, "hidden_act": "gelu", "type_vocab_size": 2},
        torch.float32, "", "mean_sqrt_len_tokens", ["Dense"],
    ),
}
FLAGS = {
    "max": "pooling_mode_max_tokens",
    "lasttoken": "pooling_mode_lasttoken",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
}


def write(path, value):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")


def rounded(tensors, dtype, prefix=""):
    return {prefix + name: tensor.to(dtype).contiguous() for name, tensor in tensors.items()}


def make(name, settings, dtype, prefix, pooling, modules):
    torch.manual_seed(sum(name.encode()))
    source = FIXTURES / "tiny/cls"
    folder = FIXTURES / "tiny" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = BertConfig(
        vocab_size=json.loads((source / "config.json").read_text())["vocab_size"],
        hidden_size=WIDTH, num_hidden_layers=2, intermediate_size=44, max_position_embeddings=40,
        initializer_range=0.3, layer_norm_eps=1e-12, **settings,
    )
    BertModel(config, add_pooling_layer=False).eval().save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    for file in ["tokenizer.json", "tokenizer_config.json", "sentence_bert_config.json"]:
        shutil.copy(source / file, folder / file)

    paths = ["", "1_Pooling"] + [f"{index + 2}_{module}" for index, module in enumerate(modules)]
    write(folder / "modules.json", [
        {"idx": index, "name": str(index), "path": paths[index],
         "type": "sentence_transformers.models." + module}
        for index, module in enumerate(["Transformer", "Pooling"] + modules)
    ])
    pools = {flag: False for flag in ["pooling_mode_cls_token", "pooling_mode_mean_tokens"]}
    pools.update({flag: mode == pooling for mode, flag in FLAGS.items()})
    write(folder / "1_Pooling/config.json", {"word_embedding_dimension": WIDTH, **pools})
    dense = {}
    if "Dense" in modules:
        dense = {"linear.weight": torch.randn(12, WIDTH) * 0.2, "linear.bias": torch.randn(12) * 0.2}
        write(folder / "2_Dense/config.json", {
            "in_features": WIDTH, "out_features": 12, "bias": True,
            "activation_function": "torch.nn.modules.activation.Tanh",
        })

    # The reference reads the same numbers in single precision; the fixture holds them in `dtype`.
    with tempfile.TemporaryDirectory() as temporary:
        reference = pathlib.Path(temporary) / "model"
        shutil.copytree(folder, reference)
        single = lambda tensors: rounded(rounded(tensors, dtype), torch.float32)
        save_file(single(weights), reference / "model.safetensors", {"format": "pt"})
        if dense:
            save_file(single(dense), reference / "2_Dense/model.safetensors")
        model = SentenceTransformer(str(reference), device="cpu")
        vectors = numpy.stack([model.encode(text) for text in TEXTS]).astype("<f4")
    save_file(rounded(weights, dtype, prefix), folder / "model.safetensors", {"format": "pt"})
    if dense:
        save_file(rounded(dense, dtype), folder / "2_Dense/model.safetensors")
    write(folder / "texts.json", TEXTS)
    (folder / "vectors.f32").write_bytes(vectors.tobytes())
    print(name, vectors.shape, sum(file.stat().st_size for file in folder.rglob("*.*")), "bytes")


if __name__ == "__main__":
    for name, recipe in MODELS.items():
        make(name, *recipe)
