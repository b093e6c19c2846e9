#!/usr/bin/env python3
"""Loads a daemon with whatever callers do, for minutes, and checks every answer and its memory.

    Benchmarks/http_soak.py --seconds 300 --precision int8

Texts of one word to thousands, one or many a request; documents written over and over; searches; callers
that hang up in the middle of a request; and bursts of more tokens than the queues hold. Every request
that is not hung up on has to be answered, with what was asked for or with 429 and `retry-after`;
memory has to stay what it was after the first minute; and at the end nothing may wait. Exits with 1
when one of these does not hold.
"""

import collections
import json
import multiprocessing
import pathlib
import random
import signal
import sys
import time

from embed.daemon import Daemon, Refused, arguments, request

COLLECTION = "soak"
DOCUMENTS = 400
# Seconds after which memory has to be flat, and by how much it may still grow.
SETTLING_SECONDS = 60
GROWTH_MAX = 1.05
# Recent queries that the daemon remembers (`Limits.queryCacheEntriesMax`), and some.
REMEMBERED = 4_500
# Texts in a request of a burst, some 100,000 tokens: the bursts together are more than may wait.
BURST_TEXTS = 512


class Caller:
    """One kind of request, sent again and again on one connection."""

    def __init__(self, daemon: Daemon, texts: list[str], seed: int):
        self.daemon = daemon
        self.texts = texts
        self.random = random.Random(seed)
        self.counts = collections.Counter()
        self.connection = daemon.connect()

    def text(self) -> str:
        """One word to some thousand."""
        words = " ".join(self.random.choices(self.texts, k=4)).split()
        count = int(2 ** self.random.uniform(0, 10))
        start = self.random.randrange(len(words))
        return " ".join((words[start:] + words)[:count])

    def once(self) -> None:
        raise NotImplementedError

    def send(self, prepared: bytes) -> dict | None:
        """The answer, or nothing where the daemon refused for now."""
        try:
            answer = json.loads(self.connection.send(prepared))
        except Refused as refused:
            self.counts["refused"] += 1
            time.sleep(min(refused.seconds, 0.2))
            return None
        self.counts["answered"] += 1
        return answer

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise RuntimeError(what)


def embedding_request(texts: list[str], dimensions: int | None = None) -> bytes:
    body = {"input": texts, "encoding_format": "base64", "truncate": True}
    if dimensions:
        body["dimensions"] = dimensions
    return request("/v1/embeddings", json.dumps(body).encode())


class Embedding(Caller):
    """Vectors of one text or of some, in all lengths."""

    def once(self) -> None:
        texts = [" ".join(self.text().split()[:150]) for _ in range(self.random.choice([1, 1, 8, 32]))]
        answer = self.send(embedding_request(texts, self.random.choice([None, 64, 384])))
        if answer:
            order = [entry["index"] for entry in answer["data"]]
            self.expect(order == list(range(len(texts))), f"{len(texts)} texts, answers {order}")


class Burst(Caller):
    """Nothing, and then more than there is room for."""

    def once(self) -> None:
        # No two alike: the daemon would embed those once.
        texts = [
            f"{self.random.random()} " + " ".join(self.random.choice(self.texts).split()[:150])
            for _ in range(BURST_TEXTS)
        ]
        answer = self.send(embedding_request(texts))
        self.expect(answer is None or len(answer["data"]) == len(texts), "a text was lost")
        time.sleep(self.random.uniform(0, 0.5))


class Writing(Caller):
    """Documents under a fixed set of names."""

    def once(self) -> None:
        names = self.random.sample(range(DOCUMENTS), 8)
        written = [{"id": f"d{name}", "text": self.text()} for name in names]
        path = f"/v1/collections/{COLLECTION}/documents"
        answer = self.send(request(path, json.dumps({"documents": written}).encode()))
        if answer:
            states = {entry["status"] for entry in answer["documents"]}
            self.expect("failed" not in states, f"a document failed: {answer}")


class Search(Caller):
    """Questions in every mode."""

    def once(self) -> None:
        body = {
            "query": " ".join(self.text().split()[:20]),
            "mode": self.random.choice(["dense", "hybrid", "lexical"]),
            "rerank": self.random.random() < 0.3,
        }
        path = f"/v1/collections/{COLLECTION}/search"
        answer = self.send(request(path, json.dumps(body).encode()))
        self.expect(answer is None or "hits" in answer, f"no hits: {answer}")
        time.sleep(self.random.uniform(0, 0.05))


class HangUp(Caller):
    """Requests whose caller is gone before the answer."""

    def once(self) -> None:
        self.connection.close()
        self.connection = self.daemon.connect()
        prepared = embedding_request([self.text() for _ in range(self.random.choice([1, 16, 64]))])
        part = self.random.choice([len(prepared), len(prepared), len(prepared) // 2])
        self.connection.socket.sendall(prepared[:part])
        time.sleep(self.random.uniform(0, 0.05))
        self.counts["hung up"] += 1


CALLERS = [Embedding] * 4 + [Burst] * 10 + [Writing] * 2 + [Search] * 3 + [HangUp] * 3


def run(place: int, daemon: Daemon, texts: list[str], end: float, results) -> None:
    """One caller's process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    kind = CALLERS[place]
    try:
        caller = kind(daemon, texts, seed=place)
        while time.monotonic() < end:
            caller.once()
        results.put((kind.__name__, dict(caller.counts), None))
    except Exception as error:
        results.put((kind.__name__, {}, repr(error)))


def fill_caches(daemon: Daemon) -> None:
    """Sends more short texts than the daemon remembers: what it remembers is bounded, and no growth."""
    connection = daemon.connect()
    for first in range(0, REMEMBERED, 32):
        connection.send(embedding_request([f"question {first + place}" for place in range(32)]))
    connection.close()


def resident(process: int) -> float:
    """Megabytes."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def queued(daemon: Daemon) -> float:
    """Tokens that wait, of both classes."""
    connection = daemon.connect()
    text = connection.send(request("/metrics", b"", method="GET")).decode()
    connection.close()
    lines = [line for line in text.splitlines() if line.startswith("ragd_queue_tokens{")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--seconds", type=float, default=300)
    chosen = parser.parse_args()

    with (chosen.cranfield / "corpus.jsonl").open() as corpus:
        texts = [json.loads(line)["text"] or "empty" for line in corpus]
    with Daemon(chosen.ragd, chosen.model.parent, chosen.model.name, chosen.precision) as daemon:
        connection = daemon.connect()
        connection.send(request(f"/v1/collections/{COLLECTION}", b"{}", method="PUT"))
        connection.close()
        fill_caches(daemon)
        results = multiprocessing.Queue()
        begin = time.monotonic()
        callers = [
            multiprocessing.Process(
                target=run, args=(place, daemon, texts, begin + chosen.seconds, results), daemon=True
            )
            for place in range(len(CALLERS))
        ]
        for caller in callers:
            caller.start()
        memory = []
        while time.monotonic() < begin + chosen.seconds:
            time.sleep(1)
            memory.append((time.monotonic() - begin, resident(daemon.process.pid)))
        counts, failures = collections.defaultdict(collections.Counter), []
        for _ in callers:
            kind, found, failure = results.get(timeout=120)
            counts[kind].update(found)
            failures += [f"{kind}: {failure}"] if failure else []
        for caller in callers:
            caller.join()
        time.sleep(2)
        waiting = queued(daemon)
        if waiting:
            failures.append(f"{waiting:.0f} tokens still wait")
        if daemon.process.poll() is not None:
            failures.append("the daemon has ended")

    for kind, found in sorted(counts.items()):
        print(f"{kind}: " + ", ".join(f"{count:,} {what}" for what, count in sorted(found.items())))
    if sum(found["refused"] for found in counts.values()) == 0:
        failures.append("nothing was refused: this was no overload")
    minutes = collections.defaultdict(float)
    for elapsed, megabytes in memory:
        minutes[int(elapsed // SETTLING_SECONDS)] = max(
            minutes[int(elapsed // SETTLING_SECONDS)], megabytes
        )
    print("most memory in each minute, MB: " + ", ".join(f"{most:.0f}" for most in minutes.values()))
    settled = max(megabytes for elapsed, megabytes in memory if elapsed <= SETTLING_SECONDS)
    if max(minutes.values()) > GROWTH_MAX * settled:
        failures.append(f"memory grew from {settled:.0f} to {max(minutes.values()):.0f} MB")
    for failure in failures:
        print("FAILED " + failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
