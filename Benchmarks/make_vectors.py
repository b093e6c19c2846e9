#!/usr/bin/env python3
"""Embeds the passages of make_passages.py, by a ragd that is started for it.

    Benchmarks/make_vectors.py --passages .build/bench/texts/passages.jsonl --output FOLDER

Writes base.f32 (all passages but the last 4,000) and queries.f32 (those) as rows of little-endian
f32 of unit length. What an interrupted run has finished is kept, and the next run goes on from
there. Needs numpy.
"""

import base64
import json
import pathlib
import sys
import threading
import time

import numpy

from embed.daemon import REPOSITORY, Connection, Daemon, Refused, arguments, request

QUERIES = 4_000
CLIENTS = 4
# Texts of one request, and requests between two notes of how far the work has come.
BATCH = 64
BATCHES_PER_BLOCK = 64


def embed(connection: Connection, texts: list[str]) -> numpy.ndarray:
    body = {"input": texts, "encoding_format": "base64", "truncate": True}
    prepared = request("/v1/embeddings", json.dumps(body).encode())
    while True:
        try:
            answer = json.loads(connection.send(prepared))
            break
        except Refused as refused:
            time.sleep(refused.seconds)
    rows = [base64.b64decode(item["embedding"]) for item in answer["data"]]
    return numpy.stack([numpy.frombuffer(row, dtype="<f4") for row in rows])


def embed_block(daemon: Daemon, texts: list[str], rows: numpy.ndarray) -> None:
    """Fills `rows` with the vectors of `texts`, each client taking every n-th batch."""
    failures: list[Exception] = []

    def client(number: int) -> None:
        try:
            connection = daemon.connect()
            for start in range(number * BATCH, len(texts), CLIENTS * BATCH):
                rows[start : start + BATCH] = embed(connection, texts[start : start + BATCH])
            connection.close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--passages", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--precision", default="auto")
    chosen = parser.parse_args()
    with chosen.passages.open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]

    chosen.output.mkdir(parents=True, exist_ok=True)
    partial, progress = chosen.output / "vectors.partial", chosen.output / "vectors.done"
    done = int(progress.read_text()) if progress.exists() and partial.exists() else 0
    with Daemon(chosen.ragd, chosen.model.parent, chosen.model.name, chosen.precision) as daemon:
        dimension = embed(daemon.connect(), texts[:1]).shape[1]
        vectors = numpy.memmap(
            partial, dtype="<f4", mode="r+" if done else "w+", shape=(len(texts), dimension)
        )
        while done < len(texts):
            end = min(done + BATCHES_PER_BLOCK * BATCH, len(texts))
            embed_block(daemon, texts[done:end], vectors[done:end])
            vectors.flush()
            progress.write_text(str(end))
            done = end
            print(f"\r{done} of {len(texts)} passages", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)

    for name, part in (("queries", vectors[-QUERIES:]), ("base", vectors[:-QUERIES])):
        file = chosen.output / f"{name}.partial"
        part.tofile(file)
        file.rename(chosen.output / f"{name}.f32")
    partial.unlink()
    progress.unlink()


if __name__ == "__main__":
    main()
