"""Causal Open-Unmix for the graph: the networks of all targets side by side in every product."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import relu

from streamsep.engine.graph.layout import Memory
from streamsep.engine.graph.products import Product, lstm_cell
from streamsep.masking import TARGETS_AXIS, ratio_masks, residual_gain, softmax_masks
from streamsep.model import Model
from streamsep.models.open_unmix_fold import fold_batch_norm, fold_output
from streamsep.models.open_unmix_weights import OpenUnmixSettings, network_weights
from streamsep.spec import StreamSpec

Weights = Mapping[str, np.ndarray]


class OpenUnmixNetwork(torch.nn.Module):
    """Masks of one frame; see `program.Network`."""

    mean: Tensor
    scale: Tensor

    def __init__(self, model: Model, spec: StreamSpec, dtype: torch.dtype) -> None:
        super().__init__()
        self.settings, self.spec = OpenUnmixSettings.of(model), spec
        networks = list(network_weights(model, spec).values())
        for name in ("mean", "scale"):
            values = torch.from_numpy(np.stack([w[f"input_{name}"] for w in networks]))
            self.register_buffer(name, values[:, None, None])
        self.encode = _stacked([fold_batch_norm(w, "fc1", "bn1") for w in networks], dtype)
        self.layers = torch.nn.ModuleList(
            _stacked([_layer(w, i) for w in networks], dtype)
            for i in range(self.settings.nb_layers)
        )
        self.decode = _stacked([fold_batch_norm(w, "fc2", "bn2") for w in networks], dtype)
        self.output = _stacked([fold_output(w, spec.channels) for w in networks], dtype)

    def examples(self) -> Memory:
        """See `program.Network`."""
        size = self.settings.hidden_size
        zeros = torch.zeros(1, len(self.layers), len(self.mean), size)
        return {"hidden": zeros, "cell": zeros}

    def forward(self, spectrum: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """See `program.Network`."""
        magnitude = torch.sqrt(spectrum.real**2 + spectrum.imag**2)
        seen = (magnitude[..., : self.mean.shape[-1]] + self.mean) * self.scale
        encoded = torch.tanh(self.encode(seen.flatten(2)))
        x, hiddens, cells = encoded, [], []
        for i, layer in enumerate(self.layers):
            hidden, cell = (memory[name][:, i].transpose(0, 1) for name in ("hidden", "cell"))
            assert isinstance(layer, Product)
            x, cell = lstm_cell(layer, x, hidden, cell)
            hiddens.append(x)
            cells.append(cell)
        gains = self.output(relu(self.decode(torch.cat([encoded, x], -1))))
        gains = gains.unflatten(-1, (self.spec.channels, -1)).transpose(0, 1)
        new = {"hidden": torch.stack(hiddens), "cell": torch.stack(cells)}
        return self._masks(gains), {name: x.permute(2, 0, 1, 3) for name, x in new.items()}

    def _masks(self, gains: Tensor) -> Tensor:
        """From gains before their ReLU [streams, networks, channels, bins]."""
        gains, settings = gains[..., None], self.settings
        has_rest = gains.shape[TARGETS_AXIS] == len(self.spec.targets)
        if settings.mask == "softmax":
            rest = torch.zeros_like(gains.narrow(TARGETS_AXIS, 0, 1))
            logits = gains if has_rest else torch.cat([gains, rest], TARGETS_AXIS)
            return softmax_masks(logits, settings.exponent)[..., 0]
        gains = relu(gains)
        if not has_rest:
            gains = torch.cat([gains, residual_gain(gains)], TARGETS_AXIS)
        return ratio_masks(gains, settings.exponent)[..., 0]


def _stacked(pairs: list[tuple[np.ndarray, np.ndarray]], dtype: torch.dtype) -> Product:
    """Matrices and biases of all networks as one product."""
    weight, bias = (torch.from_numpy(np.stack(arrays)) for arrays in zip(*pairs, strict=True))
    return Product(weight, bias, dtype)


def _layer(weights: Weights, i: int) -> tuple[np.ndarray, np.ndarray]:
    """Input and recurrent weights of an LSTM layer side by side, and the sum of its biases."""
    matrix = np.concatenate([weights[f"lstm.weight_{s}_l{i}"] for s in ("ih", "hh")], 1)
    return matrix, weights[f"lstm.bias_ih_l{i}"] + weights[f"lstm.bias_hh_l{i}"]
