#!/usr/bin/env python3
"""Embeds the passages of make_passages.py with the default model, by torch and transformers.

    scripts/make_vectors.py --model models/all-MiniLM-L6-v2 --passages FILE --output FOLDER

Writes base.f32 (all passages but the last 4,000) and queries.f32 (those) as rows of little-endian f32
of unit length. Passages are cut at 64 tokens: the index is measured, not the model. Needs numpy,
tokenizers, torch and transformers.
"""

import argparse
import json
import pathlib
import sys

import numpy
import tokenizers
import torch
import transformers

QUERIES = 4_000
TOKENS_MAX = 64
BATCH = 64


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--passages", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()

    tokenizer = tokenizers.Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    tokenizer.enable_truncation(TOKENS_MAX)
    tokenizer.no_padding()
    with arguments.passages.open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    ids = [
        encoding.ids
        for start in range(0, len(texts), 1_000)
        for encoding in tokenizer.encode_batch(texts[start : start + 1_000])
    ]

    model = transformers.AutoModel.from_pretrained(arguments.model).eval()
    vectors = numpy.zeros((len(ids), model.config.hidden_size), dtype="<f4")
    # Longest with longest, so that little is padded.
    order = sorted(range(len(ids)), key=lambda index: -len(ids[index]))
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            batch = torch.zeros((len(rows), len(ids[rows[0]])), dtype=torch.long)
            mask = torch.zeros_like(batch)
            for place, row in enumerate(rows):
                batch[place, : len(ids[row])] = torch.tensor(ids[row])
                mask[place, : len(ids[row])] = 1
            states = model(input_ids=batch, attention_mask=mask).last_hidden_state
            weights = mask.unsqueeze(-1).float()
            means = (states * weights).sum(1) / weights.sum(1)
            vectors[rows] = torch.nn.functional.normalize(means, dim=1).numpy()
            if start // BATCH % 100 == 0:
                print(f"\r{start} of {len(ids)} passages", end="", file=sys.stderr, flush=True)
    print(f"\r{len(ids)} of {len(ids)} passages", file=sys.stderr)

    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, part in (("queries", vectors[-QUERIES:]), ("base", vectors[:-QUERIES])):
        partial = arguments.output / f"{name}.partial"
        part.tofile(partial)
        partial.rename(arguments.output / f"{name}.f32")


if __name__ == "__main__":
    main()
