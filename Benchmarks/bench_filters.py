#!/usr/bin/env python3
"""Measures filtered searches of a whole collection; writes a table and a chart.

    Benchmarks/bench_filters.py --vectors .build/bench/vectors

`make bench-ann` calls it after the graph was measured. A search is what a caller waits for: the filter
evaluated over 200,000 documents, then the ten nearest of what it selects, with the defaults. The one peer is
hnswlib with its filter callback, which is given a finished set: it has no metadata to evaluate one from. What was
measured is kept in a file under --work:

    --peer-queries 0   without hnswlib
    --report-only      measures nothing, writes the table and the chart
"""

import argparse
import json
import pathlib
import subprocess
import time

import numpy

from ann import filter_report
from ann.data import Data
from ann.engines import CONNECTIVITY, EF_CONSTRUCTION, HITS
from ann.filters import KINDS, SELECTIVITIES, FilterTasks, Kind, recall
from embed import machine

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
PEER_BEAM = 128
ROUNDS = 2


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


class Ours:
    """The VectorBenchmark process, which has the collection open."""

    def __init__(self, chosen: argparse.Namespace, data: Data, metadata: pathlib.Path):
        self.task = chosen.work / "task.json"
        self.process = subprocess.Popen(
            [chosen.benchmark, "filters", chosen.work / "store", data.base, data.queries, metadata,
             str(data.dimension)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        answer = self.ask(f"open {chosen.threads}")
        say(f"collection open after {answer['seconds']:.1f} s")

    def ask(self, line: str) -> dict:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"VectorBenchmark ended with {self.process.wait()}")
        answer = json.loads(answer)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def search(self, condition: dict, places: list[int]) -> dict:
        self.task.write_text(json.dumps({"filter": condition, "queries": places}))
        return self.ask(f"search {self.task}")

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Peer:
    """hnswlib, on one thread, asking a byte array about every node that it meets."""

    def __init__(self, tasks: FilterTasks, threads: int, query_count: int):
        import hnswlib

        self.query_count = query_count
        self.index = hnswlib.Index(space="ip", dim=tasks.base.shape[1])
        self.index.init_index(
            max_elements=tasks.count, M=CONNECTIVITY, ef_construction=EF_CONSTRUCTION,
            random_seed=100,
        )
        self.index.add_items(tasks.base, numpy.arange(tasks.count), num_threads=threads)
        self.index.set_ef(PEER_BEAM)

    def search(self, queries: numpy.ndarray, selected: numpy.ndarray, truth: list) -> dict:
        is_selected = selected.astype(numpy.uint8).tobytes()
        seconds, found = [], []
        for query in queries[:self.query_count]:
            begin = time.perf_counter()
            try:
                rows = self.index.knn_query(
                    query, k=HITS, num_threads=1, filter=lambda row: is_selected[row] == 1
                )[0][0].tolist()
            except RuntimeError:
                # It gives fewer hits than were asked for as an error.
                rows = []
            seconds.append(time.perf_counter() - begin)
            found.append(rows)
        return {
            "recall": recall(found, truth[:len(found)]), "queries": len(found),
            "p50": 1e3 * float(numpy.quantile(seconds, 0.5)),
            "p99": 1e3 * float(numpy.quantile(seconds, 0.99)),
        }


def measure(chosen: argparse.Namespace) -> dict:
    data = Data(chosen.vectors, chosen.dimension, chosen.work)
    tasks = FilterTasks(data, chosen.work)
    run = machine.describe(REPOSITORY) | {
        "count": data.count, "dimension": data.dimension, "peer_beam": PEER_BEAM,
        "peer_queries": chosen.peer_queries, "rounds": ROUNDS, "hnswlib": machine.version("hnswlib"),
    }
    rows = []
    ours = Ours(chosen, data, tasks.metadata())
    try:
        for kind in KINDS:
            for selectivity in SELECTIVITIES:
                rows.append(measure_one(ours, tasks, kind, selectivity))
    finally:
        ours.stop()
    if chosen.peer_queries:
        peer = Peer(tasks, chosen.threads, chosen.peer_queries)
        say("hnswlib is built")
        for row in rows:
            kind = next(kind for kind in KINDS if kind.key == row["kind"])
            _, selected = tasks.select(kind, row["selectivity"])
            row["peer"] = peer.search(
                tasks.queries[tasks.places(kind)], selected, tasks.nearest(kind, selected)
            )
            say(f"hnswlib, {kind.title}, {row['selectivity']:.2%}: {row['peer']}")
    return {"run": run, "rows": rows}


def measure_one(ours: Ours, tasks: FilterTasks, kind: Kind, selectivity: float) -> dict:
    condition, selected = tasks.select(kind, selectivity)
    # The quieter of the turns counts: a p99 is soon that of whatever else the machine does.
    turns = [ours.search(condition, tasks.places(kind).tolist()) for _ in range(ROUNDS)]
    answer = min(turns, key=lambda turn: turn["p99"])
    answer["first"] = turns[0]["first"]
    if answer["selected"] != int(selected.sum()):
        raise RuntimeError(f"{answer['selected']} selected, {selected.sum()} right: {condition}")
    row = {
        "kind": kind.key, "selectivity": selectivity, "queries": len(answer["hits"]),
        "recall": recall(answer.pop("hits"), tasks.nearest(kind, selected)), **answer,
    }
    say(f"{kind.title}, {selectivity:.2%}: recall {row['recall']:.4f}, filter {row['select_p50']:.2f} ms, "
        f"search {row['p50']:.2f} ms, p99 {row['p99']:.2f} ms, first {row['first']:.0f} ms")
    return row


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    path = lambda name, fallback: parser.add_argument(
        name, type=pathlib.Path, default=REPOSITORY / fallback
    )
    path("--vectors", ".build/bench/vectors")
    path("--work", ".build/bench/filters")
    path("--benchmark", ".build/release/VectorBenchmark")
    path("--document", "docs/BENCHMARKS.md")
    path("--images", "docs/images")
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer-queries", type=int, default=100)
    parser.add_argument("--report-only", action="store_true")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    kept = chosen.work / "results.json"
    if not chosen.report_only:
        kept.write_text(json.dumps(measure(chosen), indent=1))
    filter_report.write(chosen.document, chosen.images, json.loads(kept.read_text()))
    say(f"wrote {chosen.document}")


if __name__ == "__main__":
    main()
