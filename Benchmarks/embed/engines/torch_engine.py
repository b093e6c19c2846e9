"""PyTorch with transformers' own model, in f32 and bf16."""

import numpy

from .base import Model


class TorchModel(Model):
    def __init__(self, folder: str, precision: str, threads: int):
        import torch
        from transformers import AutoModel
        from transformers.utils import logging

        logging.disable_progress_bar()
        torch.set_num_threads(threads)
        self.torch = torch
        kind = {"f32": torch.float32, "bf16": torch.bfloat16}[precision]
        self.model = AutoModel.from_pretrained(folder, dtype=kind).eval()

    def encode(self, ids: numpy.ndarray, mask: numpy.ndarray) -> numpy.ndarray:
        torch = self.torch
        with torch.inference_mode():
            ids, mask = torch.from_numpy(ids), torch.from_numpy(mask)
            states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            weights = mask.unsqueeze(-1).float()
            means = (states * weights).sum(1) / weights.sum(1)
            return torch.nn.functional.normalize(means, dim=1).numpy()
