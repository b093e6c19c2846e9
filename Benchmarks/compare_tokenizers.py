#!/usr/bin/env python3
"""Compares ragd's tokenizer with the `tokenizers` library, on one thread and on two, taking turns.

    Benchmarks/compare_tokenizers.py --corpora .build/data/cranfield/corpus.jsonl passages.jsonl

Both cut at 256 tokens and keep ids and offsets; the library's faster call without offsets is measured
too, and the better of the two counts. Both must find the same number of tokens. Needs the
`tokenizers` package.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
ROUNDS = 3
REPEATS = 3


def library(model: str, corpus: str, limit: int) -> None:
    """The library's part, in a process of its own: it reads the number of threads once."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(model, "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    with open(corpus, encoding="utf-8") as file:
        rows = [json.loads(line) for _, line in zip(range(limit), file)]
    texts = [row["title"] + " " + row["text"] if "title" in row else row["text"] for row in rows]
    times = []
    for encode in (tokenizer.encode_batch, tokenizer.encode_batch_fast):
        for _ in range(REPEATS):
            begin = time.perf_counter()
            encodings = encode(texts)
            times.append(1e3 * (time.perf_counter() - begin))
    tokens = sum(len(encoding.ids) for encoding in encodings)
    print(json.dumps({"tokens": tokens, "each_ms": times}))


def run(command: list[str], threads: int) -> dict:
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "true"}
    return json.loads(subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment
    ).stdout)


def compare(chosen: argparse.Namespace, corpus: pathlib.Path, threads: int) -> dict:
    common = ["--model", str(chosen.model), "--corpus", str(corpus), "--texts", str(chosen.texts)]
    ours = [str(chosen.benchmark), "tokenize", *common, "--threads", str(threads)]
    theirs = [sys.executable, __file__, "--library", str(chosen.model), str(corpus),
              str(chosen.texts)]
    best = {"ragd": [], "tokenizers": []}
    for _ in range(ROUNDS):
        answers = {"ragd": run(ours, threads), "tokenizers": run(theirs, threads)}
        if answers["ragd"]["tokens"] != answers["tokenizers"]["tokens"]:
            raise SystemExit(f"not the same tokens: {answers}")
        for name, answer in answers.items():
            best[name].append(min(answer["each_ms"]))
    ragd, peer = min(best["ragd"]), min(best["tokenizers"])
    ratio = statistics.median(b / a for a, b in zip(best["ragd"], best["tokenizers"]))
    print(f"{corpus.stem}, {threads} thread{'s' * (threads > 1)}: ragd {ragd:.1f} ms, "
          f"tokenizers {peer:.1f} ms, {ratio:.1f} times as fast", flush=True)
    return {"ragd_ms": ragd, "tokenizers_ms": peer, "ratio": ratio,
            "tokens": answers["ragd"]["tokens"]}


def main() -> None:
    if sys.argv[1:2] == ["--library"]:
        return library(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=pathlib.Path,
                        default=REPOSITORY / "models/all-MiniLM-L6-v2")
    parser.add_argument("--benchmark", type=pathlib.Path,
                        default=REPOSITORY / ".build/release/EmbedderBenchmark")
    parser.add_argument("--corpora", type=pathlib.Path, nargs="+",
                        default=[REPOSITORY / ".build/data/cranfield/corpus.jsonl"])
    parser.add_argument("--texts", type=int, default=20_000, help="of each corpus at most")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--output", type=pathlib.Path)
    chosen = parser.parse_args()
    found = {}
    for corpus in chosen.corpora:
        for threads in chosen.threads:
            name = {"corpus": "Cranfield"}.get(corpus.stem, corpus.stem)
            found[f"{name} on {threads} thread{'s' * (threads > 1)}"] = compare(
                chosen, corpus, threads
            )
    if chosen.output:
        chosen.output.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
