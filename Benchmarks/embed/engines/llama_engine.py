"""llama.cpp's server in f16 and q8_0, over HTTP: it has no other way in that is as fast."""

import base64
import http.client
import json
import pathlib
import queue
import socket
import subprocess
import threading
import time

import numpy

from ..workload import BATCH_SIZE, TOKENS_MAX, Workload
from .base import TIMEOUT_SECONDS, Arrangement, assembled, query_times


class LlamaServer(Arrangement):
    """A server of `threads` threads that `clients` clients send batches of token ids to."""

    def __init__(self, server: str, file: str, workload: pathlib.Path, threads: int, clients: int):
        self.label = f"server of {threads} threads, {clients} client" + "s" * (clients > 1)
        self.command = [
            server, "--model", file, "--embeddings", "--pooling", "mean", "--threads", str(threads),
            "--parallel", str(BATCH_SIZE), "--ctx-size", str(BATCH_SIZE * TOKENS_MAX),
            "--batch-size", str(BATCH_SIZE * TOKENS_MAX), "--ubatch-size", "2048",
            "--host", "127.0.0.1",
        ]
        self.workload = Workload.load(workload)
        self.clients = clients
        self.found: dict[int, numpy.ndarray] = {}
        self.process = None

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [*self.command, "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                connection = self.connect()
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("llama-server did not start")
            time.sleep(0.1)
        self.corpus([len(self.workload.batches) - 1])

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)

    def corpus(self, batches: list[int]) -> float:
        waiting: queue.SimpleQueue = queue.SimpleQueue()
        for batch in batches:
            waiting.put((batch, body([self.workload.documents[row]
                                      for row in self.workload.batches[batch]])))
        answers: list[tuple[int, bytes]] = []
        failures: list[Exception] = []

        def client():
            connection = self.connect()
            try:
                while True:
                    batch, content = waiting.get_nowait()
                    answers.append((batch, post(connection, content)))
            except queue.Empty:
                pass
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=client) for _ in range(self.clients)]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begin
        if failures:
            raise failures[0]
        self.found.update({batch: decoded(answer) for batch, answer in answers})
        return seconds

    def query(self, count: int) -> list[float]:
        # A new connection, for the server closes one that has been idle for some seconds.
        connection = self.connect()
        bodies = [body([row]) for row in self.workload.queries]
        return query_times(lambda place: post(connection, bodies[place % len(bodies)]), count)

    def vectors(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        connection = self.connect()
        questions = [decoded(post(connection, body([row]))) for row in self.workload.questions]
        return assembled(self.workload, self.found), numpy.concatenate(questions)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None


def body(rows: list[list[int]]) -> bytes:
    return json.dumps({"input": rows, "encoding_format": "base64"}).encode()


def post(connection: http.client.HTTPConnection, content: bytes) -> bytes:
    connection.request("POST", "/v1/embeddings", content, {"content-type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise RuntimeError(f"llama-server answered {response.status}: {answer[:200]!r}")
    return answer


def decoded(answer: bytes) -> numpy.ndarray:
    data = sorted(json.loads(answer)["data"], key=lambda item: item["index"])
    return numpy.stack([
        numpy.frombuffer(base64.b64decode(item["embedding"]), dtype="<f4")
        if isinstance(item["embedding"], str)
        else numpy.array(item["embedding"], dtype=numpy.float32).reshape(-1)
        for item in data
    ])
