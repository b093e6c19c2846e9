"""ragd in process, through the EmbedderBenchmark executable."""

import json
import pathlib
import subprocess

import numpy

from ..workload import BATCH_SIZE, DIMENSION, TOKENS_MAX, Workload
from .base import Arrangement


class Ragd(Arrangement):
    """The benchmark executable, which reads commands and answers each with a line of JSON."""

    def __init__(self, benchmark: str, model: str, cranfield: pathlib.Path, workload: pathlib.Path,
                 precision: str, threads: int, folder: pathlib.Path):
        self.label = f"1 process of {threads} thread" + "s" * (threads > 1)
        self.command = [
            benchmark, "embed", "--model", model, "--precision", precision,
            "--corpus", str(cranfield / "corpus.jsonl"), "--threads", str(threads),
            "--batch", str(BATCH_SIZE), "--tokens-max", str(TOKENS_MAX),
        ]
        self.questions = cranfield / "queries.jsonl"
        self.workload = Workload.load(workload)
        self.folder = folder
        self.process = None
        self.load: dict = {}

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        self.load = self.answer()
        tokens = self.workload.tokens(range(len(self.workload.batches)))
        if self.load["tokens"] != tokens:
            raise RuntimeError(f"ragd found {self.load['tokens']} tokens, not {tokens}")
        self.ask("corpus", len(self.workload.batches) - 1)
        self.ask("query", 10)

    def ask(self, *words) -> dict:
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.stderr.read().strip() or "EmbedderBenchmark ended")
        return json.loads(line)

    def corpus(self, batches: list[int]) -> float:
        return self.ask("corpus", *batches)["ms"] / 1e3

    def query(self, count: int) -> list[float]:
        return self.ask("query", count)["each_ms"]

    def vectors(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        files = [self.folder / name for name in ("documents.f32", "questions.f32")]
        self.ask("vectors", files[0])
        self.ask("texts", self.questions, files[1])
        documents, questions = (
            numpy.fromfile(file, dtype="<f4").reshape(-1, DIMENSION) for file in files
        )
        # Zeros stand for what was not encoded.
        documents[~documents.any(axis=1)] = numpy.nan
        return documents, questions

    def stop(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(30)
            self.process = None
