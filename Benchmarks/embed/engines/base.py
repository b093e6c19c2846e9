"""What the driver asks of an engine, and engines that run in Python processes of their own."""

import abc
import multiprocessing
import os
import pathlib
import time

import numpy

from ..workload import Workload, padded

# A process that died leaves the driver waiting for its answer no longer than this.
TIMEOUT_SECONDS = 600
WARM_UP_QUERIES = 10
# On a busy machine the threads of some engines wait long for each other; the run must still end.
QUERY_SECONDS_MAX = 10


class Arrangement(abc.ABC):
    """An engine started in one way of using the cores.

    The two functions that are timed are `corpus` and `query`; both begin with the model loaded and
    the token ids at hand.
    """

    label: str

    @abc.abstractmethod
    def start(self) -> None:
        """Loads the model and runs a little of everything once."""

    @abc.abstractmethod
    def corpus(self, batches: list[int]) -> float:
        """Seconds for encoding these batches of the workload."""

    @abc.abstractmethod
    def query(self, count: int) -> list[float]:
        """Milliseconds of each of `count` queries, one at a time."""

    @abc.abstractmethod
    def vectors(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The vectors of the documents that were encoded last, and those of the questions."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Ends what was started."""


class Model(abc.ABC):
    """A model in a worker process."""

    @abc.abstractmethod
    def encode(self, ids: numpy.ndarray, mask: numpy.ndarray) -> numpy.ndarray:
        """The vectors of a padded batch."""

    def encode_all(self, batches) -> dict[int, numpy.ndarray]:
        """The vectors of each batch of an iterator of (number, ids, mask)."""
        return {number: self.encode(ids, mask) for number, ids, mask in batches}


class Workers(Arrangement):
    """An engine in `processes` processes of `threads` threads that take the next batch when free."""

    def __init__(self, make_model, arguments: dict, workload: pathlib.Path,
                 processes: int, threads: int, label: str | None = None,
                 more: dict | None = None):
        self.label = label or (
            f"{processes} processes of 1 thread" if processes > 1
            else f"1 process of {threads} thread" + ("s" if threads > 1 else "")
        )
        self.workload = Workload.load(workload)
        self.processes = []
        self.connections = []
        self.found: dict[int, numpy.ndarray] = {}
        self.settings = (make_model, arguments | (more or {}), workload, threads)
        self.count = processes

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.following = context.Value("i", 0)
        for _ in range(self.count):
            here, there = context.Pipe()
            process = context.Process(
                target=serve, args=(there, self.following, *self.settings), daemon=True
            )
            process.start()
            there.close()
            self.processes.append(process)
            self.connections.append(here)
        for connection in self.connections:
            self.receive(connection)

    def receive(self, connection):
        if not connection.poll(TIMEOUT_SECONDS):
            raise TimeoutError(f"{self.label}: no answer in {TIMEOUT_SECONDS} s")
        answer = connection.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def corpus(self, batches: list[int]) -> float:
        self.following.value = 0
        for connection in self.connections:
            connection.send(("corpus", batches))
        answers = [self.receive(connection) for connection in self.connections]
        for _, _, vectors in answers:
            self.found.update(vectors)
        # The clock is the machine's, one for all processes.
        return max(end for _, end, _ in answers) - min(begin for begin, _, _ in answers)

    def query(self, count: int) -> list[float]:
        self.connections[0].send(("query", count))
        return self.receive(self.connections[0])

    def vectors(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        self.connections[0].send(("questions", None))
        return assembled(self.workload, self.found), self.receive(self.connections[0])

    def stop(self) -> None:
        for connection in self.connections:
            connection.close()
        for process in self.processes:
            process.join(5)
            if process.is_alive():
                process.kill()
        self.processes, self.connections = [], []


def assembled(workload: Workload, found: dict[int, numpy.ndarray]) -> numpy.ndarray:
    """Batches' vectors in the order of the documents; NaN where a batch is missing."""
    width = next(iter(found.values())).shape[1]
    rows = numpy.full((len(workload.documents), width), numpy.nan, dtype=numpy.float32)
    for number, vectors in found.items():
        rows[workload.batches[number]] = vectors
    return rows


def serve(connection, following, make_model, arguments, workload_path, threads) -> None:
    """A worker process: answers commands until the driver closes the connection."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    try:
        workload = Workload.load(workload_path)
        batches = [padded([workload.documents[row] for row in rows]) for rows in workload.batches]
        queries = [padded([row]) for row in workload.queries]
        model = make_model(threads=threads, **arguments)
        for ids, mask in (batches[-1], *queries[:WARM_UP_QUERIES]):
            model.encode(ids, mask)
        connection.send("ready")
        while True:
            command, argument = connection.recv()
            if command == "corpus":
                begin = time.monotonic()
                found = model.encode_all(taken(following, argument, batches))
                connection.send((begin, time.monotonic(), found))
            elif command == "query":
                encode = lambda place: model.encode(*queries[place % len(queries)])
                connection.send(query_times(encode, argument))
            else:
                rows = [model.encode(*padded([row])) for row in workload.questions]
                connection.send(numpy.concatenate(rows))
    except (EOFError, KeyboardInterrupt):
        pass
    except Exception as error:  # the driver says which engine failed, and goes on without it
        connection.send(RuntimeError(f"{type(error).__name__}: {error}"))


def taken(following, numbers, batches):
    while True:
        with following.get_lock():
            place = following.value
            following.value += 1
        if place >= len(numbers):
            return
        yield numbers[place], *batches[numbers[place]]


def query_times(encode, count: int) -> list[float]:
    """Milliseconds of `encode(0)`, `encode(1)` and so on, after a few that warm up."""
    times = []
    deadline = time.perf_counter() + QUERY_SECONDS_MAX
    for place in range(-WARM_UP_QUERIES, count):
        begin = time.perf_counter()
        encode(place)
        end = time.perf_counter()
        if place >= 0:
            times.append(1e3 * (end - begin))
        if times and end > deadline:
            break
    return times
