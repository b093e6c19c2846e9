#!/usr/bin/env python3
"""Measures searches while documents are stored at full speed, and what they cost the storing.

    Benchmarks/http_mixed.py --precision int8 --output .build/bench/embed/mixed.json

Two clients store documents of Cranfield, 32 a request, one request after the other, so that both cores
embed all the time; no text comes twice. Beside them: nothing, one dense search a second, ten a
second at uneven distances, and one after the other. No search comes twice either. Needs the
`tokenizers` package.
"""

import argparse
import itertools
import json
import multiprocessing
import pathlib
import random
import signal
import statistics
import time

from embed.daemon import Connection, Daemon, Refused, arguments, request
from embed.short_texts import beginnings, documents

COLLECTION = "bench"
DOCUMENTS_PER_REQUEST = 32
IDLE_QUERIES = 200
# Seconds of storing before anything is counted.
SETTLING_SECONDS = 2


class Ingest:
    """Clients that store documents until they are told to stop.

    Each is a process of its own: threads of one would make the searches wait for the interpreter.
    """

    def __init__(self, daemon: Daemon, texts: list[str], clients: int):
        self.texts = texts
        self.clients = clients
        self.tokens = multiprocessing.Value("q", 0)
        self.documents = multiprocessing.Value("q", 0)
        self.failures = multiprocessing.Queue()
        self.stopping = multiprocessing.Event()
        self.processes = [
            multiprocessing.Process(target=self.client, args=(daemon, place), daemon=True)
            for place in range(clients)
        ]
        for process in self.processes:
            process.start()

    def document(self, number: int) -> dict:
        """The `number`th document: the texts in turn, each time begun at another word."""
        lap, place = divmod(number, len(self.texts))
        words = self.texts[place].split()
        start = 7 * lap % max(1, len(words))
        return {"id": f"d{number}", "text": " ".join(words[start:] + words[:start]) + f" {lap}"}

    def client(self, daemon: Daemon, place: int) -> None:
        """Stores every `clients`th request's documents, from the `place`th on."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            connection = daemon.connect()
            for turn in itertools.count():
                if self.stopping.is_set():
                    return
                first = (turn * self.clients + place) * DOCUMENTS_PER_REQUEST
                numbers = range(first, first + DOCUMENTS_PER_REQUEST)
                body = json.dumps({"documents": [self.document(number) for number in numbers]})
                prepared = request(f"/v1/collections/{COLLECTION}/documents", body.encode())
                answer = json.loads(self.insist(connection, prepared))
                with self.documents.get_lock():
                    self.documents.value += len(answer["documents"])
                with self.tokens.get_lock():
                    self.tokens.value += sum(entry["tokens"] for entry in answer["documents"])
        except Exception as error:
            self.failures.put(repr(error))

    @staticmethod
    def insist(connection: Connection, prepared: bytes) -> bytes:
        while True:
            try:
                return connection.send(prepared)
            except Refused as refused:
                time.sleep(refused.seconds)

    def count(self) -> int:
        if not self.failures.empty():
            raise RuntimeError(self.failures.get())
        return self.tokens.value

    def stop(self) -> None:
        self.stopping.set()
        for process in self.processes:
            process.join(timeout=30)


class Searches:
    """Distinct searches, sent at a pace, and how long each took."""

    def __init__(self, daemon: Daemon, texts: list[str]):
        self.daemon = daemon
        self.requests = itertools.cycle([
            request(
                f"/v1/collections/{COLLECTION}/search",
                json.dumps({"query": text, "mode": "dense", "limit": 10}).encode(),
            )
            for text in texts
        ])
        self.random = random.Random(1)

    def one(self, connection: Connection) -> float:
        prepared = next(self.requests)
        begin = time.perf_counter()
        connection.send(prepared)
        return 1e3 * (time.perf_counter() - begin)

    def several(self, count: int) -> list[float]:
        """So many, one after the other."""
        connection = self.daemon.connect()
        return [self.one(connection) for _ in range(count)]

    def paced(self, seconds: float, per_second: float | None) -> list[float]:
        """One after the other, or at `per_second` on average, at uneven distances.

        A search that comes due while another is running waits for it, and its time counts from
        when it was due. When this process merely wakes up late, that is no time of the daemon's.
        """
        times = []
        answered = 0.0
        # A new connection, for the daemon closes one that has been idle for long.
        connection = self.daemon.connect()
        now = time.perf_counter()
        end, due = now + seconds, now
        while True:
            if per_second is not None:
                due += self.random.uniform(0.5, 1.5) / per_second
                if due >= end:
                    break
                time.sleep(max(0.0, due - time.perf_counter()))
                late = 1e3 * max(0.0, answered - due)
            elif time.perf_counter() >= end:
                break
            else:
                late = 0.0
            times.append(late + self.one(connection))
            answered = time.perf_counter()
        return times


def percentiles(times: list[float]) -> dict:
    ordered = sorted(times)
    return {
        "count": len(ordered), "p50": statistics.median(ordered),
        "p99": ordered[len(ordered) * 99 // 100], "max": ordered[-1],
    }


def phase(ingest: Ingest, seconds: float, searches) -> dict:
    """What was stored meanwhile and how long the searches took."""
    before, begin = ingest.count(), time.perf_counter()
    times = searches(seconds) if searches else time.sleep(seconds)
    # Answers come 32 documents at a time: the tokens of whole requests, over the time they took.
    after, elapsed = ingest.count(), time.perf_counter() - begin
    found = {"tokens_per_s": (after - before) / elapsed}
    return found | (percentiles(times) if times else {})


def measure(chosen: argparse.Namespace, daemon: Daemon) -> dict:
    texts = documents(chosen.cranfield)
    connection = daemon.connect()
    connection.send(request(f"/v1/collections/{COLLECTION}", b"{}", method="PUT"))
    connection.close()
    searches = Searches(daemon, beginnings(chosen.model, texts))
    ingest = Ingest(daemon, texts, chosen.clients)
    found = {}
    plan = [
        ("alone", None, 1.0), ("one a second", 1.0, 2.0), ("alone again", None, 1.0),
        ("ten a second", 10.0, 2.0), ("one after the other", 0.0, 1.0),
    ]
    try:
        time.sleep(SETTLING_SECONDS)
        for name, rate, share in plan:
            run = None
            if rate is not None:
                run = lambda seconds, rate=rate: searches.paced(seconds, rate or None)
            found[name] = phase(ingest, share * chosen.seconds, run)
            print(name, json.dumps(found[name]), flush=True)
    finally:
        ingest.stop()
    # After the storing, so that the searches meet the same collection.
    time.sleep(SETTLING_SECONDS)
    found["idle"] = percentiles(searches.several(IDLE_QUERIES))
    print("idle", json.dumps(found["idle"]), flush=True)
    alone = statistics.mean(found[name]["tokens_per_s"] for name in ("alone", "alone again"))
    return found | {
        "documents": ingest.documents.value,
        "loaded_ratio": found["ten a second"]["p99"] / found["idle"]["p50"],
        "ingest_share": found["one a second"]["tokens_per_s"] / alone,
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=12, help="of a phase; some take two")
    chosen = parser.parse_args()

    with Daemon(chosen.ragd, chosen.model.parent, chosen.model.name, chosen.precision) as daemon:
        found = measure(chosen, daemon)
    print(f"{chosen.precision}: a search at rest takes {found['idle']['p50']:.2f} ms; while storing, "
          f"p99 {found['ten a second']['p99']:.2f} ms, {found['loaded_ratio']:.1f} times that; "
          f"storing keeps {100 * found['ingest_share']:.0f} % of its rate")
    if chosen.output:
        chosen.output.write_text(json.dumps({chosen.precision: found}, indent=1))


if __name__ == "__main__":
    main()
