"""The weights of causal Open-Unmix as the compiled engine reads them: folded, quantised, packed.

What is constant is folded: batch norms and the output's scale and mean into rows and biases of fc1,
fc2 and fc3, the two LSTM biases into one. The input's mean and scale stay outside fc1, because
per-bin factors inside its rows would coarsen the int8 steps of all other bins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.pack import Packed, pack_float32, pack_int8, padded_rows
from streamsep.model import Model
from streamsep.models.open_unmix_fold import fold_batch_norm, fold_output
from streamsep.models.open_unmix_weights import OpenUnmixSettings, network_weights
from streamsep.spec import StreamSpec


class OpenUnmixPlan(NamedTuple):
    """Weights of all networks in the order in which they are read, and the sizes behind them.

    Attributes:
        sizes: Bins seen, hidden size, LSTM layers.
        is_softmax: Softmax masks rather than ratio masks.
        exponent: Exponent of the masks.
        input_mean: Added to magnitudes. [networks, bins seen]
        input_scale: Then multiplied. [networks, bins seen]
        fc1: Encoder, first batch norm folded in. [networks, ...]
        fc1_bias: [networks, padded rows]
        lstm: Input and recurrent matrix of each layer. [networks, layers, 2, ...]
        lstm_bias: Gates in the order input, forget, cell, output. [networks, layers, padded rows]
        fc2: Decoder, second batch norm folded in. [networks, ...]
        fc2_bias: [networks, padded rows]
        fc3: Output, third batch norm and the output's scale and mean folded in. [networks, ...]
        fc3_bias: [networks, padded rows]
    """

    sizes: tuple[int, int, int]
    is_softmax: bool
    exponent: np.float32
    input_mean: np.ndarray
    input_scale: np.ndarray
    fc1: Packed
    fc1_bias: np.ndarray
    lstm: Packed
    lstm_bias: np.ndarray
    fc2: Packed
    fc2_bias: np.ndarray
    fc3: Packed
    fc3_bias: np.ndarray


def make_plan(model: Model, spec: StreamSpec, precision: str) -> OpenUnmixPlan:
    """Pack the weights of a model.

    Args:
        model: Of kind "open_unmix".
        spec: Windows, channels and stems; they must be the model's.
        precision: "float32", or "int8" for int8 weights with one scale per row and float32
            activations.

    Raises:
        CheckpointError: Settings are damaged, keys missing or foreign, or shapes differ.
        EngineError: The model was made for another profile, channel count or stem set.
    """
    settings = OpenUnmixSettings.of(model)
    networks = list(network_weights(model, spec).values())
    pack = {"float32": pack_float32, "int8": pack_int8}[precision]
    fc1, fc1_bias = _stack([fold_batch_norm(w, "fc1", "bn1") for w in networks])
    fc2, fc2_bias = _stack([fold_batch_norm(w, "fc2", "bn2") for w in networks])
    fc3, fc3_bias = _stack([fold_output(w, spec.channels) for w in networks])
    lstm, lstm_bias = _stack([_lstm(w, settings.nb_layers) for w in networks])
    return OpenUnmixPlan(
        (len(networks[0]["input_mean"]), settings.hidden_size, settings.nb_layers),
        settings.mask == "softmax",
        np.float32(settings.exponent),
        np.stack([w["input_mean"] for w in networks]),
        np.stack([w["input_scale"] for w in networks]),
        pack(fc1),
        fc1_bias,
        pack(lstm),
        lstm_bias,
        pack(fc2),
        fc2_bias,
        pack(fc3),
        fc3_bias,
    )


def _stack(pairs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Matrices of all networks as float32, and their biases padded to whole blocks of rows."""
    matrices = np.stack([matrix for matrix, _ in pairs]).astype(np.float32, copy=False)
    biases = np.stack([bias for _, bias in pairs])
    padded = np.zeros((*biases.shape[:-1], padded_rows(biases.shape[-1])), np.float32)
    padded[..., : biases.shape[-1]] = biases
    return matrices, padded


def _lstm(weights: Mapping[str, np.ndarray], n_layers: int) -> tuple[np.ndarray, np.ndarray]:
    """Matrices [layers, 2, 4 hidden, hidden] and summed biases [layers, 4 hidden]."""
    sides = ("ih", "hh")
    matrices = [[weights[f"lstm.weight_{s}_l{i}"] for s in sides] for i in range(n_layers)]
    biases = [sum(weights[f"lstm.bias_{s}_l{i}"] for s in sides) for i in range(n_layers)]
    return np.array(matrices), np.array(biases)
