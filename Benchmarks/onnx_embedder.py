#!/usr/bin/env python3
"""Measures ONNX Runtime f32 on what EmbedderBenchmark measures: the same model, texts and batches.

    onnx_embedder.py MODEL_FOLDER CORPUS.jsonl [THREADS [BATCH [REPEATS]]]

Needs torch, transformers, tokenizers, onnx and onnxruntime. Exports the encoder with mean pooling
and normalisation to ONNX in a temporary folder, then prints the best of two ways to use the cores:
one session with THREADS intra-op threads, and THREADS processes of one thread, each taking the next
batch when it is free. Batches are padded to their longest text: they are sorted by length, so that
costs little. Only the session's own time counts, not tokenising.
"""
import json
import multiprocessing
import os
import sys
import tempfile
import time

import numpy as np

TOKENS_MAX = 256
QUERY_TOKENS = 19
# A process that died leaves the others at the barrier; a repeat takes a minute on an idle machine.
TIMEOUT_SECONDS = 1_800


def export(folder, path):
    import torch
    from transformers import AutoModel

    class Embedder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()

        def forward(self, input_ids, attention_mask, token_type_ids):
            states = self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=1)

    ids = torch.ones(2, 16, dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    names = ["input_ids", "attention_mask", "token_type_ids"]
    torch.onnx.export(
        Embedder(), (ids, ids, ids * 0), path, input_names=names, output_names=["vector"],
        dynamic_axes={**{name: axes for name in names}, "vector": {0: "batch"}}, opset_version=17,
        dynamo=False,
    )


def batches(folder, corpus, size):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.enable_truncation(TOKENS_MAX)
    tokenizer.no_padding()
    with open(corpus, encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    texts = [document["title"] + " " + document["text"] for document in documents]
    rows = sorted((e.ids for e in tokenizer.encode_batch(texts)), key=len, reverse=True)
    feeds = []
    for start in range(0, len(rows), size):
        part = rows[start:start + size]
        ids = np.zeros((len(part), max(map(len, part))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(part):
            ids[row, :len(tokens)] = tokens
            mask[row, :len(tokens)] = 1
        feeds.append({"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0})
    query = np.array([rows[0][:QUERY_TOKENS]], dtype=np.int64)
    return feeds, sum(map(len, rows)), {
        "input_ids": query, "attention_mask": query * 0 + 1, "token_type_ids": query * 0
    }


def session(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def one_session(path, feeds, threads, repeats):
    running = session(path, threads)
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        for feed in feeds:
            running.run(None, feed)
        best = min(best, time.perf_counter() - begin)
    return best


def start(processes):
    for process in processes:
        process.start()
    return processes


def join(processes):
    for process in processes:
        process.join()
        if process.exitcode != 0:
            sys.exit(f"onnx_embedder: a process ended with {process.exitcode}")


def worker(path, feeds, following, ready, repeats):
    running = session(path, 1)
    for _ in range(repeats):
        ready.wait(TIMEOUT_SECONDS)
        while True:
            with following.get_lock():
                index = following.value
                following.value += 1
            if index >= len(feeds):
                break
            running.run(None, feeds[index])
        ready.wait(TIMEOUT_SECONDS)


def many_processes(path, feeds, threads, repeats):
    context = multiprocessing.get_context("spawn")
    following = context.Value("i", 0)
    ready = context.Barrier(threads + 1)
    workers = start([
        context.Process(target=worker, args=(path, feeds, following, ready, repeats))
        for _ in range(threads)
    ])
    best = float("inf")
    for _ in range(repeats):
        following.value = 0
        ready.wait(TIMEOUT_SECONDS)
        begin = time.perf_counter()
        ready.wait(TIMEOUT_SECONDS)
        best = min(best, time.perf_counter() - begin)
    join(workers)
    return best


def main():
    folder, corpus = sys.argv[1:3]
    threads, size, repeats = (
        int(sys.argv[i]) if len(sys.argv) > i else fallback for i, fallback in ((3, 2), (4, 32), (5, 3))
    )
    feeds, tokens, query = batches(folder, corpus, size)
    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, "model.onnx")
        # In a process of its own, so that torch's memory and threads are gone when time counts.
        spawn = multiprocessing.get_context("spawn")
        join(start([spawn.Process(target=export, args=(folder, path))]))
        seconds = {
            f"processes={threads} threads=1": many_processes(path, feeds, threads, repeats),
            f"processes=1 threads={threads}": one_session(path, feeds, threads, repeats),
        }
        for name, value in seconds.items():
            print(f"onnxruntime {name} batch={size} ms={value * 1e3:.0f} "
                  f"tokens_per_s={tokens / value:.0f}")
        print(f"onnxruntime best tokens_per_s={tokens / min(seconds.values()):.0f}")
        running = session(path, 1)
        times = []
        for _ in range(300):
            begin = time.perf_counter()
            running.run(None, query)
            times.append(time.perf_counter() - begin)
        times.sort()
        print(f"onnxruntime query_tokens={QUERY_TOKENS} threads=1 p50_ms={times[150] * 1e3:.2f}")


if __name__ == "__main__":
    main()
