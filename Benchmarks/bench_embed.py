#!/usr/bin/env python3
"""Measures ragd beside its peers at embedding, in one run, and writes the table and the chart.

    Benchmarks/bench_embed.py --model models/all-MiniLM-L6-v2 --cranfield .build/data/cranfield

`make bench-embed` calls it with everything built. First every engine is tried in each arrangement of
threads and processes on a sample; then, in its best ones, the engines take turns: all of them once,
and again, so that a change of the machine's speed meets all. What was measured of an engine is kept
in a file of its own under --work after every turn:

    --engines ragd-int8 ragd-bf16   measures these anew, beside what is kept of the others
    --resume                        measures what an interrupted run has not measured yet
    --report-only                   measures nothing, writes the table and the chart
    --every 8                       encodes every eighth batch: a quick look
"""

import argparse
import json
import multiprocessing
import pathlib
import signal
import statistics
import sys
import time

import numpy

from embed import catalogue, machine, report
from embed.engines import onnx_model
from embed.quality import Judgements, cosines
from embed.workload import Workload

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
SAMPLE_EVERY = 11
TRIALS = 2
TRIAL_QUERIES = 60
QUERIES = 200


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


class Measured:
    """What is known of an engine, kept in a file."""

    def __init__(self, folder: pathlib.Path, engine: catalogue.Engine):
        self.file = folder / f"{engine.key}.json"
        self.vectors = folder / f"{engine.key}.npz"
        self.engine = engine
        self.values: dict = json.loads(self.file.read_text()) if self.file.exists() else {}

    def begin(self, run: dict) -> None:
        self.values = {
            "key": self.engine.key, "product": self.engine.product, "title": self.engine.title,
            "precision": self.engine.precision, "version": self.engine.version,
            "every": self.engine.every, "run": run, "seconds": [], "query_ms": [],
        }
        self.vectors.unlink(missing_ok=True)
        self.save()

    def save(self) -> None:
        partial = self.file.with_suffix(".partial")
        partial.write_text(json.dumps(self.values, indent=1))
        partial.rename(self.file)

    def is_complete(self, rounds: int) -> bool:
        return "failed" in self.values or len(self.values.get("seconds", [])) >= rounds


class Contestant:
    """An engine's two best arrangements, started: for throughput and for queries."""

    def __init__(self, measured: Measured, workload: Workload):
        self.measured = measured
        self.workload = workload
        self.started: list = []

    def choose(self) -> None:
        """Tries every arrangement and keeps the best, for each of the two measurements."""
        engine, values = self.measured.engine, self.measured.values
        sample = self.workload.chosen(max(SAMPLE_EVERY, engine.every))
        trials = []
        for make in engine.arrangements:
            arrangement = make()
            self.started.append(arrangement)
            arrangement.start()
            seconds = min(arrangement.corpus(sample) for _ in range(TRIALS))
            trials.append((
                self.workload.tokens(sample) / seconds,
                min(
                    statistics.median(arrangement.query(TRIAL_QUERIES)) for _ in range(TRIALS)
                ),
                arrangement,
            ))
            say(f"  {engine.title}, {arrangement.label}: {trials[-1][0]:,.0f} tokens/s, "
                f"query {trials[-1][1]:.2f} ms")
        self.throughput = max(trials, key=lambda trial: trial[0])[2]
        self.latency = min(trials, key=lambda trial: trial[1])[2]
        for arrangement in list(self.started):
            if arrangement not in (self.throughput, self.latency):
                arrangement.stop()
                self.started.remove(arrangement)
        values["trials"] = [
            {"arrangement": arrangement.label, "tokens_per_s": tokens, "query_ms": milliseconds}
            for tokens, milliseconds, arrangement in trials
        ]
        values["throughput"], values["latency"] = self.throughput.label, self.latency.label
        values["load"] = getattr(self.throughput, "load", None)

    def turn(self) -> None:
        """Encodes the corpus once and answers some queries."""
        engine, values = self.measured.engine, self.measured.values
        batches = self.workload.chosen(engine.every)
        seconds = self.throughput.corpus(batches)
        times = sorted(self.latency.query(QUERIES))
        values["tokens"] = self.workload.tokens(batches)
        values["seconds"].append(seconds)
        values["query_ms"].append(
            {"p50": statistics.median(times), "p99": times[len(times) * 99 // 100]}
        )
        if not self.measured.vectors.exists():
            documents, questions = self.throughput.vectors()
            numpy.savez(self.measured.vectors, documents=documents, questions=questions)
        self.measured.save()
        say(f"  {engine.title}: {values['tokens'] / values['seconds'][-1]:,.0f} tokens/s, "
            f"query p50 {values['query_ms'][-1]['p50']:.2f} ms")

    def stop(self) -> None:
        for arrangement in self.started:
            arrangement.stop()
        self.started = []

    def failed(self, error: Exception) -> None:
        say(f"  {self.measured.engine.title} is left out: {error}")
        self.measured.values["failed"] = str(error)
        self.measured.save()
        self.stop()


def measure(everything: list[Measured], workload: Workload, rounds: int, run: dict,
            resumes: bool) -> None:
    contestants = []
    say("trying the arrangements")
    try:
        for measured in everything:
            if not (resumes and measured.values):
                measured.begin(run)
            contestant = Contestant(measured, workload)
            contestants.append(contestant)
            attempt(contestant, contestant.choose, contestants)
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for contestant in list(contestants):
                if len(contestant.measured.values["seconds"]) <= number:
                    attempt(contestant, contestant.turn, contestants)
    finally:
        for contestant in contestants:
            contestant.stop()


def attempt(contestant: Contestant, step, contestants: list[Contestant]) -> None:
    """Runs a step; an engine that fails is left out, and the others go on."""
    try:
        step()
    except Exception as error:
        contestant.failed(error)
        contestants.remove(contestant)


def judge(everything: list[Measured], cranfield: pathlib.Path) -> None:
    """Adds what the vectors are worth to each engine's file."""
    reference = next(m.vectors for m in everything if m.engine.key == "torch-f32")
    if not reference.exists():
        say("no vectors of torch f32 to compare with")
        return
    expected = numpy.load(reference)
    judgements = Judgements(cranfield)
    for measured in everything:
        if not measured.vectors.exists():
            continue
        found = numpy.load(measured.vectors)
        encoded = ~numpy.isnan(found["documents"]).any(axis=1)
        both = encoded & ~numpy.isnan(expected["documents"]).any(axis=1)
        mean, least = cosines(found["documents"][both], expected["documents"][both])
        measured.values |= {"cosine_mean": mean, "cosine_min": least}
        # A ranking needs all documents.
        if encoded.all():
            measured.values["ndcg"] = judgements.ndcg(found["documents"], found["questions"])
        measured.save()


def in_own_process(function, *arguments) -> None:
    """Runs a function that imports torch, so that its memory and threads are gone afterwards."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit(f"bench_embed: {function.__name__} failed")


def prepare(paths: catalogue.Paths) -> Workload:
    """Makes what all engines need and is not there yet."""
    if not paths.workload.exists():
        say("tokenising")
        Workload.tokenized(pathlib.Path(paths.model), paths.cranfield).save(paths.workload)
    if not paths.onnx.exists():
        say("exporting the model to ONNX")
        in_own_process(onnx_model.export, paths.model, paths.onnx)
    if not paths.onnx_int8.exists():
        say("making ONNX Runtime's forms of it")
        in_own_process(onnx_model.fuse, paths.onnx, paths.onnx_fused)
        in_own_process(onnx_model.quantize, paths.onnx_fused, paths.onnx_int8)
    return Workload.load(paths.workload)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    path = lambda name, fallback: parser.add_argument(
        name, type=pathlib.Path, default=REPOSITORY / fallback
    )
    path("--model", "models/all-MiniLM-L6-v2")
    path("--cranfield", ".build/data/cranfield")
    path("--work", ".build/bench/embed")
    path("--benchmark", ".build/release/EmbedderBenchmark")
    path("--llama", ".build/bench/llama")
    path("--document", "docs/BENCHMARKS.md")
    path("--image", "docs/images/embedding.svg")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--engines", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--report-only", action="store_true")
    return parser.parse_args()


def main() -> None:
    # So that what was started is stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = options()
    results = chosen.work / "results"
    results.mkdir(parents=True, exist_ok=True)
    paths = catalogue.Paths(
        model=str(chosen.model), cranfield=chosen.cranfield, workload=chosen.work / "workload.json",
        onnx=chosen.work / "model.onnx", onnx_fused=chosen.work / "model-fused.onnx",
        onnx_int8=chosen.work / "model-int8.onnx", benchmark=str(chosen.benchmark),
        llama=chosen.llama, work=chosen.work,
    )
    everything = [
        Measured(results, engine) for engine in catalogue.engines(paths, chosen.threads)
    ]
    for measured in everything:
        measured.engine.every = max(measured.engine.every, chosen.every)
    unknown = set(chosen.engines) - {measured.engine.key for measured in everything}
    if unknown:
        names = ", ".join(measured.engine.key for measured in everything)
        sys.exit(f"bench_embed: no engine {', '.join(sorted(unknown))}; there are {names}")
    if not chosen.report_only:
        workload = prepare(paths)
        due = [
            measured for measured in everything
            if (not chosen.engines or measured.engine.key in chosen.engines)
            and not (chosen.resume and measured.is_complete(chosen.rounds))
        ]
        run = machine.describe(REPOSITORY)
        run |= {"id": time.strftime("%Y%m%dT%H%M%S"), "threads": chosen.threads}
        if chosen.resume:
            run = next((m.values["run"] for m in everything if m.values), run)
        measure(due, workload, chosen.rounds, run, resumes=chosen.resume)
    judge(everything, chosen.cranfield)
    measured = [m.values for m in everything if m.values.get("seconds") or m.values.get("failed")]
    report.write(chosen.document, chosen.image, measured, chosen.work)
    say(f"wrote {chosen.document} and {chosen.image}")


if __name__ == "__main__":
    main()
