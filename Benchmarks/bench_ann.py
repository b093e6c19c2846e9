#!/usr/bin/env python3
"""Measures ragd's vector index beside hnswlib, faiss and usearch, in one run; writes table and charts.

    Benchmarks/bench_ann.py --vectors .build/bench/vectors

`make bench-ann` calls it with everything built. Every engine builds with the same M and efConstruction, one
after the other, on all threads. Then they take turns at searching: each beam width on one thread, all
engines, and again, so that a change of the machine's speed meets all. What was measured is kept in a file
under --work:

    --engines ragd-int8 hnswlib   only these
    --report-only                 measures nothing, writes the table and the charts
"""

import argparse
import json
import pathlib
import sys
import time

from ann import report
from ann.data import Data
from ann.engines import ENGINES, Contestant
from embed import machine

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
BEAMS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256]
# Searches that are asked on all threads too.
PARALLEL_BEAM = 64


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def measure(chosen: argparse.Namespace) -> dict:
    data = Data(chosen.vectors, chosen.dimension, chosen.work)
    say(f"{data.count:,} vectors of {data.dimension} dimensions, {data.query_count:,} queries")
    files = data.files()
    run = machine.describe(REPOSITORY) | {
        "threads": chosen.threads, "count": data.count, "dimension": data.dimension,
        "queries": data.query_count, "rounds": chosen.rounds,
    }
    known = {engine.key for engine in ENGINES}
    if unknown := set(chosen.engines) - known:
        sys.exit(f"bench_ann: no engine {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    contestants, results, built_by = [], {}, {}
    try:
        for engine in ENGINES:
            if chosen.engines and engine.key not in chosen.engines:
                continue
            contestant = Contestant(
                engine, str(chosen.benchmark), files, data.dimension,
                {other.engine.key: other for other in contestants},
            )
            contestants.append(contestant)
            if engine.shares:
                built = built_by[engine.shares] | {
                    # The vectors beside the codes.
                    "bytes": built_by[engine.shares]["bytes"] + 4 * data.dimension * data.count
                }
            else:
                built = built_by[engine.key] = contestant.ask("build", chosen.threads)
            results[engine.key] = {
                "title": engine.title, "product": engine.product,
                "version": machine.version(engine.package) if engine.package else "",
                "build_seconds": built["seconds"], "bytes": built["bytes"] / data.count,
                "isa": built.get("isa"), "searches": {},
            }
            say(f"  {engine.title}: {built['seconds']:.1f} s")
        for number in range(chosen.rounds):
            say(f"round {number + 1} of {chosen.rounds}")
            take_turns(contestants, results, chosen.threads, data.query_count)
    finally:
        for contestant in contestants:
            contestant.stop()
    return {"run": run, "engines": results}


def take_turns(contestants: list[Contestant], results: dict, threads: int, queries: int) -> None:
    for beam in BEAMS:
        turn(contestants, results, beam, 1, queries)
    turn(contestants, results, PARALLEL_BEAM, threads, queries)


def turn(contestants: list[Contestant], results: dict, beam: int, threads: int, queries: int) -> None:
    for contestant in contestants:
        answer = contestant.search(beam, threads)
        searches = results[contestant.engine.key]["searches"]
        search = searches.setdefault(f"{beam}/{threads}", {"qps": []})
        search["recall"] = answer["recall"]
        search["qps"].append(queries / answer["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    path = lambda name, fallback: parser.add_argument(
        name, type=pathlib.Path, default=REPOSITORY / fallback
    )
    path("--vectors", ".build/bench/vectors")
    path("--work", ".build/bench/ann")
    path("--benchmark", ".build/release/VectorBenchmark")
    path("--document", "docs/BENCHMARKS.md")
    path("--images", "docs/images")
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--report-only", action="store_true")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    kept = chosen.work / "results.json"
    if not chosen.report_only:
        kept.write_text(json.dumps(measure(chosen), indent=1))
    report.write(chosen.document, chosen.images, json.loads(kept.read_text()))
    say(f"wrote {chosen.document}")


if __name__ == "__main__":
    main()
