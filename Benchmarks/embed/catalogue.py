"""Which engines take part, and in which arrangements each is tried."""

import dataclasses
import json
import pathlib
import typing

from .engines.base import Arrangement, Workers
from .engines.llama_engine import LlamaServer
from .engines.onnxruntime_engine import ONNXRuntimeModel
from .engines.openvino_engine import OpenVINOModel
from .engines.ragd_engine import Ragd
from .engines.torch_engine import TorchModel
from .machine import version

# llama.cpp is slower than the others by so much that it encodes every eighth batch only.
LLAMA_EVERY = 8


@dataclasses.dataclass
class Paths:
    """Where things are."""

    model: str
    cranfield: pathlib.Path
    workload: pathlib.Path
    onnx: pathlib.Path
    onnx_fused: pathlib.Path
    onnx_int8: pathlib.Path
    benchmark: str
    llama: pathlib.Path
    work: pathlib.Path


@dataclasses.dataclass
class Engine:
    """One row of the table."""

    key: str
    product: str
    precision: str
    version: str
    arrangements: list[typing.Callable[[], Arrangement]]
    # Of the batches sorted by length, every n-th is encoded.
    every: int = 1

    @property
    def title(self) -> str:
        return f"{self.product} {self.precision}"


def engines(paths: Paths, threads: int) -> list[Engine]:
    """All engines, in the order in which they take their turns."""

    alone = dict(processes=1, threads=threads)
    each = dict(processes=threads, threads=1)

    def workers(make_model, layouts, **arguments):
        return [
            lambda layout=layout: Workers(make_model, arguments, paths.workload, **layout)
            for layout in (layouts if threads > 1 else layouts[:1])
        ]

    found = []
    for precision in ("f32", "bf16"):
        found.append(Engine(
            f"torch-{precision}", "torch", precision, version("torch"),
            workers(TorchModel, [alone, each], folder=paths.model, precision=precision),
        ))
    for precision, file in (("f32", paths.onnx_fused), ("dynamic int8", paths.onnx_int8)):
        found.append(Engine(
            f"onnxruntime-{precision.split()[-1]}", "ONNX Runtime", precision,
            version("onnxruntime"), workers(ONNXRuntimeModel, [alone, each], file=str(file)),
        ))
    # Its own way of giving each core a batch; a process a core would pin them all to the first.
    streams = alone | {"label": f"{threads} streams of 1 thread", "more": {"streams": threads}}
    for precision in ("f32", "bf16"):
        found.append(Engine(
            f"openvino-{precision}", "OpenVINO", precision, version("openvino"),
            workers(
                OpenVINOModel, [alone, streams], file=str(paths.onnx), precision=precision
            ),
        ))
    found += llama(paths, threads)
    for precision in ("f32", "bf16", "int8"):
        folder = paths.work / f"ragd-{precision}"
        folder.mkdir(parents=True, exist_ok=True)
        found.append(Engine(f"ragd-{precision}", "ragd", precision, "", [
            lambda count=count, precision=precision, folder=folder: Ragd(
                paths.benchmark, paths.model, paths.cranfield, paths.workload,
                precision, count, folder,
            )
            for count in sorted({threads, 1}, reverse=True)
        ]))
    return found


def llama(paths: Paths, threads: int) -> list[Engine]:
    """llama.cpp's rows; none when scripts/build_llama.sh has not made a server."""
    server = paths.llama / "llama-server"
    if not server.exists():
        return []
    return [
        Engine(
            f"llama-{precision}", "llama.cpp server", precision,
            json.loads((paths.llama / "version.json").read_text())["version"],
            [
                lambda clients=clients, precision=precision: LlamaServer(
                    str(server), str(paths.llama / f"{precision}.gguf"), paths.workload,
                    threads, clients,
                )
                for clients in (1, 4)
            ],
            every=LLAMA_EVERY,
        )
        for precision in ("f16", "q8_0")
    ]
