#!/usr/bin/env python3
"""Compares ragd's vector index with hnswlib on the same vectors, in the same run.

    compare_hnswlib.py --benchmark .build/release/VectorBenchmark --base base.f32 --queries q.f32

Needs numpy and hnswlib (PyPI; its wheel is compiled for the machine at hand). Both engines build
with M 16 and efConstruction 200 on 1 and on 2 threads, and search on one; they take turns, so that
a change of the machine's speed meets both. Prints JSON lines, then a table in Markdown.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time

import hnswlib
import numpy

HITS = 10


def load(path: str, dimension: int) -> numpy.ndarray:
    rows = numpy.fromfile(path, dtype="<f4").reshape(-1, dimension)
    return rows / numpy.maximum(numpy.linalg.norm(rows, axis=1, keepdims=True), 1e-30)


def exact(base: numpy.ndarray, queries: numpy.ndarray) -> numpy.ndarray:
    """The numbers of the nearest base rows of each query, nearest first."""
    found = []
    for block in numpy.array_split(queries, max(1, len(queries) // 256)):
        scores = block @ base.T
        best = numpy.argpartition(-scores, HITS, axis=1)[:, :HITS]
        order = numpy.argsort(-numpy.take_along_axis(scores, best, axis=1), axis=1)
        found.append(numpy.take_along_axis(best, order, axis=1))
    return numpy.concatenate(found).astype("<i4")


def run_hnswlib(base, queries, truth, threads, beams):
    index = hnswlib.Index(space="cosine", dim=base.shape[1])
    index.init_index(max_elements=len(base), M=16, ef_construction=200, random_seed=100)
    start, start_cpu = time.perf_counter(), time.process_time()
    index.add_items(base, numpy.arange(len(base)), num_threads=threads)
    yield {"engine": "hnswlib", "phase": "build", "threads": threads,
           "seconds": time.perf_counter() - start,
           "cpu_seconds": time.process_time() - start_cpu, "count": len(base)}
    for beam in beams:
        index.set_ef(beam)
        found, _ = index.knn_query(queries, k=HITS, num_threads=1)
        hits = sum(len(set(f) & set(t)) for f, t in zip(found.tolist(), truth.tolist()))
        seconds, cpu, rounds = 0.0, 0.0, 0
        while seconds < 1.0:
            start, start_cpu = time.perf_counter(), time.process_time()
            index.knn_query(queries, k=HITS, num_threads=1)
            seconds += time.perf_counter() - start
            cpu += time.process_time() - start_cpu
            rounds += 1
        yield {"engine": "hnswlib", "phase": "search", "ef": beam,
               "qps": rounds * len(queries) / seconds,
               "cpu_us": 1e6 * cpu / (rounds * len(queries)), "recall": hits / truth.size}


def run_ragd(benchmark, files, dimension, threads, beams):
    command = [benchmark, *files, str(dimension), str(threads), ",".join(map(str, beams))]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def table(rows) -> str:
    lines = ["| engine | phase | threads / ef | result | recall@10 |", "|---|---|---|---|---|"]
    key = lambda row: (row["phase"], row.get("threads", row.get("ef")), row["engine"])
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    for (phase, setting, engine), group in sorted(groups.items()):
        if phase == "build":
            result = (f"{min(row['seconds'] for row in group):.1f} s, "
                      f"{min(row['cpu_seconds'] for row in group):.1f} s of CPU")
            recall = ""
        else:
            result = (f"{max(row['qps'] for row in group):.0f} queries/s, "
                      f"{min(row['cpu_us'] for row in group):.0f} us of CPU a query")
            recall = f"{numpy.mean([row['recall'] for row in group]):.4f}"
        lines.append(f"| {engine} | {phase} | {setting} | {result} | {recall} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--benchmark", required=True, help="the VectorBenchmark executable")
    parser.add_argument("--base", required=True, help="n x dimension little-endian f32")
    parser.add_argument("--queries", required=True, help="the same, for the queries")
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="build threads")
    parser.add_argument("--ef", type=int, nargs="+", default=[10, 32, 64, 128, 256])
    options = parser.parse_args()

    base, queries = (load(path, options.dimension) for path in (options.base, options.queries))
    truth = exact(base, queries)
    rows = []
    with tempfile.NamedTemporaryFile(suffix=".i32") as file:
        truth.tofile(file.name)
        files = (options.base, options.queries, file.name)
        for threads in options.threads:
            runs = (run_ragd(options.benchmark, files, options.dimension, threads, options.ef),
                    run_hnswlib(base, queries, truth, threads, options.ef))
            for row in (row for run in runs for row in run):
                print(json.dumps(row), flush=True)
                rows.append(row)
    print(table(rows), file=sys.stdout)


if __name__ == "__main__":
    main()
