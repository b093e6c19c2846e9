#!/usr/bin/env python3
"""Measures what HTTP costs: `/v1/embeddings` beside the same work in process, taking turns.

    Benchmarks/http_embed.py --precisions f32 bf16 int8 --output .build/bench/embed/http.json

Throughput: four clients that each send 32 texts and then the next 32. Latency: one text of 19 tokens at a
time. No text is sent twice, so that no cache answers. Bodies are made beforehand and answers are
read, not parsed, because the clients run on the cores that they measure. Needs the `tokenizers` package.
"""

import argparse
import json
import pathlib
import queue
import statistics
import threading
import time

from embed.daemon import REPOSITORY, Connection, Daemon, arguments, request
from embed.engines.ragd_engine import Ragd
from embed.short_texts import beginnings, documents
from embed.workload import Workload

QUERIES = 100


def embedding_request(texts: list[str] | str) -> bytes:
    body = {"input": texts, "encoding_format": "base64", "truncate": True}
    return request("/v1/embeddings", json.dumps(body).encode())


def throughput(daemon: Daemon, requests: list[bytes], clients: int) -> float:
    """Seconds for all requests, each client sending the next one when its last is answered."""
    waiting: queue.SimpleQueue = queue.SimpleQueue()
    for prepared in requests:
        waiting.put(prepared)
    failures: list[Exception] = []

    def client(connection: Connection) -> None:
        try:
            while True:
                connection.send(waiting.get_nowait())
        except queue.Empty:
            connection.close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(daemon.connect(),)) for _ in range(clients)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    if failures:
        raise failures[0]
    return seconds


def latency(daemon: Daemon, requests: list[bytes], warm_up: list[bytes]) -> list[float]:
    # A new connection, for the daemon closes one that has been idle for long.
    connection = daemon.connect()
    times = []
    for prepared in warm_up + requests:
        begin = time.perf_counter()
        connection.send(prepared)
        times.append(1e3 * (time.perf_counter() - begin))
    connection.close()
    return times[len(warm_up) :]


def measure(chosen: argparse.Namespace, precision: str) -> dict:
    workload_file = chosen.work / "workload.json"
    if not workload_file.exists():
        chosen.work.mkdir(parents=True, exist_ok=True)
        Workload.tokenized(chosen.model, chosen.cranfield).save(workload_file)
    workload = Workload.load(workload_file)
    texts = documents(chosen.cranfield)
    # The last texts warm up.
    shorts = [embedding_request(text) for text in beginnings(chosen.model, texts)]
    shorts, warm_up = shorts[:-20], shorts[-20:]
    in_process = Ragd(
        str(chosen.benchmark), str(chosen.model), chosen.cranfield, workload_file, precision,
        chosen.threads, chosen.work,
    )
    rounds = []
    with Daemon(chosen.ragd, chosen.model.parent, chosen.model.name, precision) as daemon:
        try:
            in_process.start()
            connection = daemon.connect()
            answer = json.loads(connection.send(warm_up[0]))
            if answer["usage"]["prompt_tokens"] != 19 or len(answer["data"]) != 1:
                raise SystemExit(f"unexpected answer: {answer['usage']}")
            connection.close()
            for number in range(chosen.rounds):
                batches = list(range(number, len(workload.batches), chosen.rounds))
                requests = [
                    embedding_request([texts[row] for row in workload.batches[batch]])
                    for batch in batches
                ]
                tokens = workload.tokens(batches)
                queries = shorts[number * QUERIES : (number + 1) * QUERIES]
                rounds.append({
                    "in_process": tokens / in_process.corpus(batches),
                    "http": tokens / throughput(daemon, requests, chosen.clients),
                    "in_process_ms": statistics.median(in_process.query(len(queries))),
                    "http_ms": statistics.median(latency(daemon, queries, warm_up)),
                })
                print(precision, json.dumps(rounds[-1]), flush=True)
        finally:
            in_process.stop()
    middle = lambda value: statistics.median(value(entry) for entry in rounds)
    return {
        "rounds": rounds,
        "tokens_per_s": middle(lambda entry: entry["http"]),
        "share": middle(lambda entry: entry["http"] / entry["in_process"]),
        "added_ms": middle(lambda entry: entry["http_ms"] - entry["in_process_ms"]),
    }


def main() -> None:
    parser = arguments(__doc__)
    for name, fallback in (
        ("--benchmark", ".build/release/EmbedderBenchmark"), ("--work", ".build/bench/embed")
    ):
        parser.add_argument(name, type=pathlib.Path, default=REPOSITORY / fallback)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--precisions", nargs="+", default=["f32"])
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()

    found = {precision: measure(chosen, precision) for precision in chosen.precisions}
    for precision, values in found.items():
        print(f"{precision}: {values['tokens_per_s']:,.0f} tokens/s over HTTP, "
              f"{values['share']:.2f} of those in process; a query takes "
              f"{values['added_ms']:.2f} ms more")
    if chosen.output:
        chosen.output.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
