"""OpenVINO, in f32 and bf16, with dynamic shapes."""

import numpy

from .base import Model


class OpenVINOModel(Model):
    """One stream of all threads (its latency mode), or a stream for each (its throughput mode)."""

    def __init__(self, file: str, precision: str, threads: int, streams: int = 1):
        import openvino
        from openvino import properties

        core = openvino.Core()
        self.compiled = core.compile_model(core.read_model(file), "CPU", {
            properties.hint.inference_precision(): precision,
            properties.inference_num_threads(): threads,
            properties.num_streams(): streams,
        })
        self.request = self.compiled.create_infer_request()
        self.openvino = openvino
        self.streams = streams

    def encode(self, ids: numpy.ndarray, mask: numpy.ndarray) -> numpy.ndarray:
        return self.request.infer(inputs(ids, mask))[0].copy()

    def encode_all(self, batches) -> dict[int, numpy.ndarray]:
        if self.streams == 1:
            return super().encode_all(batches)
        found = {}
        queue = self.openvino.AsyncInferQueue(self.compiled, self.streams)

        def keep(request, number):
            found[number] = request.get_output_tensor(0).data.copy()

        queue.set_callback(keep)
        for number, ids, mask in batches:
            queue.start_async(inputs(ids, mask), number)
        queue.wait_all()
        return found


def inputs(ids: numpy.ndarray, mask: numpy.ndarray) -> dict[str, numpy.ndarray]:
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0}
