"""ONNX Runtime, in f32 and with dynamic int8 quantisation."""

import numpy

from .base import Model


class ONNXRuntimeModel(Model):
    def __init__(self, file: str, threads: int):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = onnxruntime.InferenceSession(
            file, options, providers=["CPUExecutionProvider"]
        )

    def encode(self, ids: numpy.ndarray, mask: numpy.ndarray) -> numpy.ndarray:
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0}
        return self.session.run(None, feed)[0]
