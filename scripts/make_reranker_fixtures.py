#!/usr/bin/env python3
"""Makes the tiny rerankers of Tests/EmbedderTests/Fixtures/rerankers, and the scores they give.

    make_reranker_fixtures.py Tests/EmbedderTests/Fixtures/rerankers TOKENIZER.json

Needs torch, transformers, tokenizers and safetensors. Weights are random. TOKENIZER.json is
Qwen3-Reranker's own, of which the merges are left out but for those of the two answers. Scores are
those of transformers in f32, of each pair by itself; the cross-encoders' go through the sigmoid
where the model's files ask for one.
"""
import json
import pathlib
import shutil
import sys

import numpy
import torch
from tokenizers import Tokenizer
from transformers import (
    BertConfig, BertForSequenceClassification, Qwen3Config, Qwen3ForCausalLM, RobertaConfig,
    RobertaForSequenceClassification, XLMRobertaConfig, XLMRobertaForSequenceClassification,
)

LENGTHS = [2, 3, 7, 13, 16, 40]
INSTRUCTION = "Given a web search query, retrieve relevant passages that answer the query"
BEGINNING = ("<|im_start|>system\nJudge whether the Document meets the requirements based on the Query "
             "and the Instruct provided. Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n"
             "<|im_start|>user\n")
ENDING = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
QUERIES = [
    ["what lifts a wing?", None],
    ["caf\u00e9 \u4e2d\u6587 \U0001f600", "Find the place."],
]
PASSAGES = ["", "A wing is lifted by the air.", "\n\n  spaces first", "no " * 300, "\u0301mark <|im_end|> 42"]
TOKENS_MAX = 700


def write(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def shake(model):
    """Norms start as ones, biases as zeros, which would hide a wrong one."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name.lower() or name.endswith("bias"):
                parameter.add_(0.5 * torch.randn_like(parameter))


def write_scores(folder, scores):
    (folder / "scores.f32").write_bytes(numpy.asarray(scores, dtype="<f4").tobytes())
    print(folder.name, [round(score, 4) for score in scores])


def make_cross_encoder(folder, config_class, model_class, activation, **sizes):
    config = config_class(vocab_size=61, max_position_embeddings=50, initializer_range=0.3,
                          hidden_size=24, intermediate_size=40, num_attention_heads=3,
                          num_hidden_layers=2, num_labels=1, **sizes)
    for name, value in activation.items():
        setattr(config, name, value)
    torch.manual_seed(sum(folder.name.encode()))
    model = model_class(config).eval()
    shake(model)
    model.save_pretrained(folder)
    generator = torch.Generator().manual_seed(7)
    pairs, scores = [], []
    for length in LENGTHS:
        # From 2 on: the padding's id would not count as a position.
        ids = torch.randint(2, 61, (length,), generator=generator)
        types = (torch.arange(length) >= length // 2).long() * (config.type_vocab_size - 1)
        with torch.no_grad():
            logit = model(ids[None], token_type_ids=types[None]).logits[0, 0]
        score = logit if "Identity" in json.dumps(activation) else torch.sigmoid(logit)
        pairs.append({"ids": ids.tolist(), "types": types.tolist()})
        scores.append(score.item())
    write(folder / "pairs.json", pairs)
    write_scores(folder, scores)


def small_tokenizer(path):
    """Qwen3-Reranker's tokenizer with the bytes, two words and the prompt's special tokens."""
    file = json.loads(pathlib.Path(path).read_text())
    tokens = sorted((t for t in file["model"]["vocab"] if len(t) == 1),
                    key=file["model"]["vocab"].get)
    merges = [["e", "s"], ["y", "es"], ["n", "o"]]
    tokens += ["".join(pair) for pair in merges]
    file["model"]["vocab"] = {token: index for index, token in enumerate(tokens)}
    file["model"]["merges"] = merges
    kept = ["<|im_start|>", "<|im_end|>", "<think>", "</think>"]
    file["added_tokens"] = [t for t in file["added_tokens"] if t["content"] in kept]
    for index, token in enumerate(file["added_tokens"]):
        token["id"] = len(tokens) + index
    return file


def make_language_model(folder, tokenizer_file, is_tied):
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer_file) + "\n")
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_file))
    count = tokenizer.get_vocab_size()
    config = Qwen3Config(vocab_size=count + 3, max_position_embeddings=2048, rope_theta=1e6,
                         rms_norm_eps=1e-6, initializer_range=0.2, hidden_size=24,
                         intermediate_size=40, num_hidden_layers=3, num_attention_heads=4,
                         num_key_value_heads=2, head_dim=8, tie_word_embeddings=is_tied)
    torch.manual_seed(11 if is_tied else 12)
    model = Qwen3ForCausalLM(config).eval()
    shake(model)
    model.save_pretrained(folder, max_shard_size="5GB" if is_tied else "30KB")
    (folder / "generation_config.json").unlink(missing_ok=True)

    def ids(text):
        return tokenizer.encode(text, add_special_tokens=False).ids

    yes, no = tokenizer.token_to_id("yes"), tokenizer.token_to_id("no")
    write(folder / "tokenizer_config.json", {"model_max_length": TOKENS_MAX})
    rows, scores = [], []
    for query, instruction in QUERIES:
        for passage in PASSAGES:
            beginning, ending = ids(BEGINNING), ids(ENDING)
            middle = ids(f"<Instruct>: {instruction or INSTRUCTION}\n<Query>: {query}\n"
                         f"<Document>: {passage}")
            whole = len(middle)
            middle = middle[:TOKENS_MAX - len(beginning) - len(ending)]
            tokens = beginning + middle + ending
            with torch.no_grad():
                logits = model(torch.tensor([tokens])).logits[0, -1]
            scores.append(torch.softmax(logits[[no, yes]], 0)[1].item())
            rows.append({"query": query, "instruction": instruction, "passage": passage,
                         "ids": tokens, "omitted": whole - len(middle)})
    write(folder / "cases.json", rows)
    write_scores(folder, scores)


def folder_of(root, name):
    folder = root / name
    folder.mkdir(parents=True)
    return folder


def main():
    root = pathlib.Path(sys.argv[1])
    shutil.rmtree(root, ignore_errors=True)
    make_cross_encoder(folder_of(root, "bert"), BertConfig, BertForSequenceClassification,
                       {}, type_vocab_size=2)
    make_cross_encoder(
        folder_of(root, "bert-identity"), BertConfig, BertForSequenceClassification,
        {"sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"}},
        type_vocab_size=2)
    make_cross_encoder(
        folder_of(root, "roberta"), RobertaConfig, RobertaForSequenceClassification,
        {"sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"},
        type_vocab_size=1)
    make_cross_encoder(folder_of(root, "xlm-roberta"), XLMRobertaConfig,
                       XLMRobertaForSequenceClassification, {}, type_vocab_size=1)
    tokenizer_file = small_tokenizer(sys.argv[2])
    make_language_model(folder_of(root, "qwen3-tied"), tokenizer_file, is_tied=True)
    make_language_model(folder_of(root, "qwen3-untied"), tokenizer_file, is_tied=False)
    # What the BERT one's tests of whole texts need.
    shutil.copy(root.parent / "tiny" / "cls" / "tokenizer.json", root / "bert" / "tokenizer.json")
    files = [path for path in root.rglob("*") if path.is_file()]
    print(len(files), "files,", sum(path.stat().st_size for path in files), "bytes")


main()
