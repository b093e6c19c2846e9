"""Makes the ONNX files that ONNX Runtime and OpenVINO read: the encoder with pooling at its end."""

import pathlib

from ..workload import DIMENSION

# Of all-MiniLM-L6-v2.
HEADS = 12


def export(model: str, output: pathlib.Path) -> None:
    """Writes the encoder in f32: ids and mask in, vectors of unit length out."""
    import torch
    from transformers import AutoModel

    class Embedder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = AutoModel.from_pretrained(model, attn_implementation="eager").eval()

        def forward(self, input_ids, attention_mask, token_type_ids):
            states = self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=1)

    ids = torch.ones(2, 16, dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    names = ["input_ids", "attention_mask", "token_type_ids"]
    partial = output.with_suffix(".partial")
    torch.onnx.export(
        Embedder(), (ids, ids, ids * 0), str(partial), input_names=names,
        output_names=["vector"], opset_version=17, dynamo=False,
        dynamic_axes={**{name: axes for name in names}, "vector": {0: "batch"}},
    )
    partial.rename(output)


def fuse(source: pathlib.Path, output: pathlib.Path) -> None:
    """Writes it with attention and normalisation as ONNX Runtime's own operators.

    Its tool for transformers finds them; the optimizer of a session misses attention.
    """
    from onnxruntime.transformers.optimizer import optimize_model

    optimized = optimize_model(
        str(source), model_type="bert", num_heads=HEADS, hidden_size=DIMENSION, opt_level=0
    )
    partial = output.with_suffix(".partial")
    optimized.save_model_to_file(str(partial))
    partial.rename(output)


def quantize(source: pathlib.Path, output: pathlib.Path) -> None:
    """Writes it with products in int8: weights by channel, activations by batch at run time.

    By channel is as fast as by tensor, the tool's default, and far nearer to f32.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    partial = output.with_suffix(".partial")
    quantize_dynamic(
        str(source), str(partial), weight_type=QuantType.QInt8, per_channel=True,
        # The fused operators tell shape inference nothing.
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    partial.rename(output)
