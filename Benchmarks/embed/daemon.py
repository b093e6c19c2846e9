"""A running ragd, and a client that costs next to nothing: the load drivers share the machine."""

import argparse
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
START_SECONDS_MAX = 60
TIMEOUT_SECONDS = 300


def arguments(description: str) -> argparse.ArgumentParser:
    """The arguments of every script that measures a daemon; it is stopped when the script is."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, fallback in (
        ("--model", "models/all-MiniLM-L6-v2"), ("--cranfield", ".build/data/cranfield"),
        ("--ragd", ".build/release/ragd"),
    ):
        parser.add_argument(name, type=pathlib.Path, default=REPOSITORY / fallback)
    return parser


class Daemon:
    """`ragd serve` with a database of its own that is gone afterwards."""

    def __init__(self, ragd: pathlib.Path, models: pathlib.Path, model: str, precision: str):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ragd-bench."))
        self.log = self.folder / "log"
        command = [
            str(ragd), "serve", "--data", str(self.folder / "data"), "--models", str(models),
            "--model", model, "--listen", "127.0.0.1:0",
        ]
        if takes_precision(ragd):
            command += ["--precision", precision]
        elif precision != "f32":
            raise SystemExit(f"{ragd} has no --precision, so it cannot compute in {precision}")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stderr=log)

    def __enter__(self) -> "Daemon":
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"listening on http://([^: ]+):(\d+)", self.log.read_text())
            if found:
                self.address = (found[1], int(found[2]))
                return self
            time.sleep(0.05)
        log = self.log.read_text()
        self.__exit__()
        raise SystemExit(f"the daemon did not start; it said:\n{log}")

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self) -> "Connection":
        return Connection(self.address)


def takes_precision(ragd: pathlib.Path) -> bool:
    """Whether this ragd computes in more than one precision."""
    words = subprocess.run([str(ragd), "serve", "--help"], capture_output=True, text=True)
    return "--precision" in words.stdout


class Refused(Exception):
    """The daemon is busy and says when to come back."""

    def __init__(self, seconds: float):
        self.seconds = seconds


class Connection:
    """One connection that sends prepared requests and reads answers of a stated length."""

    def __init__(self, address: tuple[str, int]):
        self.socket = socket.create_connection(address, timeout=TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> bytes:
        """Sends a request made by `request` and returns the body of its answer."""
        self.socket.sendall(request)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self.more()
        head = received[:end].decode("ascii").lower()
        length = int(re.search(r"content-length: *(\d+)", head)[1])
        while len(received) < end + 4 + length:
            received += self.more()
        body = bytes(received[end + 4 :])
        status = int(head.split(" ", 2)[1])
        if status == 429:
            raise Refused(float(re.search(r"retry-after: *(\d+)", head)[1]))
        if status >= 300:
            raise RuntimeError(f"the daemon answered {status}: {body[:300]!r}")
        return body

    def more(self) -> bytes:
        part = self.socket.recv(1 << 20)
        if not part:
            raise RuntimeError("the daemon closed the connection")
        return part

    def close(self) -> None:
        self.socket.close()


def request(path: str, body: bytes, method: str = "POST") -> bytes:
    """A whole HTTP request, ready to be sent."""
    return (
        f"{method} {path} HTTP/1.1\r\nhost: ragd\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode("ascii") + body
