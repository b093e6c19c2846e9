"""Makes the ONNX files that ONNX Runtime and OpenVINO read: the encoder with pooling at its end."""

import pathlib


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


def quantize(source: pathlib.Path, output: pathlib.Path) -> None:
    """Writes it with products in int8: weights by channel, activations by batch at run time."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    partial = output.with_suffix(".partial")
    quantize_dynamic(str(source), str(partial), weight_type=QuantType.QInt8, per_channel=True)
    partial.rename(output)
