"""The indexes, each in a process of its own that is told what to do a line at a time.

Commands are `build THREADS`, `search EF THREADS` and, for faiss, `refined EF THREADS`, which measures the hits
of the same graph again; each is answered by a line of JSON. ragd's process is the VectorBenchmark of
Benchmarks/; a peer's is this file, run as

    ann/engines.py ENGINE BASE QUERIES TRUTH DIMENSION
"""

import dataclasses
import json
import pathlib
import subprocess
import sys
import time

import numpy

HITS = 10
CONNECTIVITY = 16
EF_CONSTRUCTION = 200


@dataclasses.dataclass(frozen=True)
class Engine:
    """One row of the table."""

    key: str
    product: str
    codes: str
    package: str
    # The engine before, whose index it searches in another way.
    shares: str = ""

    @property
    def title(self) -> str:
        return f"{self.product} {self.codes}"


ENGINES = [
    Engine("hnswlib", "hnswlib", "f32", "hnswlib"),
    Engine("faiss-sq8", "faiss HNSW", "SQ8", "faiss-cpu"),
    Engine("faiss-sq8-refined", "faiss HNSW", "SQ8, refined by f32", "faiss-cpu", "faiss-sq8"),
    Engine("usearch-f32", "usearch", "f32", "usearch"),
    Engine("usearch-i8", "usearch", "i8", "usearch"),
    Engine("ragd-none", "ragd", "f32", ""),
    Engine("ragd-int8", "ragd", "int8", ""),
]


class Contestant:
    """A running engine."""

    def __init__(self, engine: Engine, benchmark: str, files: list[str], dimension: int,
                 others: "dict[str, Contestant]"):
        self.engine = engine
        self.search_word = "search"
        if engine.shares:
            self.process, self.search_word = others[engine.shares].process, "refined"
            return
        arguments = [*files, str(dimension)]
        if engine.product == "ragd":
            command = [benchmark, *arguments, engine.key.removeprefix("ragd-")]
        else:
            command = [sys.executable, str(pathlib.Path(__file__)), engine.key, *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def ask(self, *words) -> dict:
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.engine.title} ended with {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.engine.title}: {answer['error']}")
        return answer

    def search(self, beam: int, threads: int) -> dict:
        return self.ask(self.search_word, beam, threads)

    def stop(self) -> None:
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait()


class HNSWLib:
    def __init__(self, dimension: int, count: int):
        import hnswlib

        self.index = hnswlib.Index(space="ip", dim=dimension)
        self.index.init_index(
            max_elements=count, M=CONNECTIVITY, ef_construction=EF_CONSTRUCTION, random_seed=100
        )

    def add(self, base: numpy.ndarray, threads: int) -> None:
        self.index.add_items(base, numpy.arange(len(base)), num_threads=threads)

    def byte_count(self) -> int:
        return self.index.index_file_size()

    def search(self, queries: numpy.ndarray, ef: int, threads: int) -> numpy.ndarray:
        self.index.set_ef(ef)
        return self.index.knn_query(queries, k=HITS, num_threads=threads)[0]


class Faiss:
    def __init__(self, dimension: int, count: int):
        import faiss

        self.faiss = faiss
        self.graph = faiss.IndexHNSWSQ(
            dimension, faiss.ScalarQuantizer.QT_8bit, CONNECTIVITY, faiss.METRIC_INNER_PRODUCT
        )
        self.graph.hnsw.efConstruction = EF_CONSTRUCTION
        # As many are measured again as ragd measures at least.
        self.refined = faiss.IndexRefineFlat(self.graph)
        self.refined.k_factor = 3

    def add(self, base: numpy.ndarray, threads: int) -> None:
        self.faiss.omp_set_num_threads(threads)
        self.refined.train(base)
        self.refined.add(base)

    def byte_count(self) -> int:
        return self.faiss.serialize_index(self.graph).nbytes

    def search(
        self, queries: numpy.ndarray, ef: int, threads: int, is_refined: bool = False
    ) -> numpy.ndarray:
        self.faiss.omp_set_num_threads(threads)
        self.graph.hnsw.efSearch = ef
        return (self.refined if is_refined else self.graph).search(queries, HITS)[1]


class USearch:
    def __init__(self, dimension: int, count: int, codes: str):
        from usearch.index import Index

        self.index = Index(
            ndim=dimension, metric="ip", dtype=codes, connectivity=CONNECTIVITY,
            expansion_add=EF_CONSTRUCTION,
        )

    def add(self, base: numpy.ndarray, threads: int) -> None:
        self.index.add(numpy.arange(len(base)), base, threads=threads)

    def byte_count(self) -> int:
        return self.index.serialized_length

    def search(self, queries: numpy.ndarray, ef: int, threads: int) -> numpy.ndarray:
        self.index.expansion_search = ef
        return self.index.search(queries, HITS, threads=threads).keys


PEERS = {
    "hnswlib": HNSWLib,
    "faiss-sq8": Faiss,
    "usearch-f32": lambda *shape: USearch(*shape, codes="f32"),
    "usearch-i8": lambda *shape: USearch(*shape, codes="i8"),
}


def serve(key: str, base_file: str, queries_file: str, truth_file: str, dimension: int) -> None:
    """A peer's process."""
    base, queries = (
        numpy.fromfile(file, dtype="<f4").reshape(-1, dimension)
        for file in (base_file, queries_file)
    )
    truth = numpy.fromfile(truth_file, dtype="<i4").reshape(-1, HITS).tolist()
    peer = None
    for line in sys.stdin:
        word, *numbers = line.split()
        if word == "build":
            peer = PEERS[key](dimension, len(base))
            begin = time.perf_counter()
            peer.add(base, int(numbers[0]))
            seconds = time.perf_counter() - begin
            answer = {"seconds": seconds, "bytes": peer.byte_count()}
        else:
            begin = time.perf_counter()
            more = {"is_refined": True} if word == "refined" else {}
            found = peer.search(queries, *map(int, numbers), **more)
            seconds = time.perf_counter() - begin
            hits = sum(len(set(f) & set(t)) for f, t in zip(found.tolist(), truth))
            answer = {"seconds": seconds, "recall": hits / (len(truth) * HITS)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:5], int(sys.argv[5]))
