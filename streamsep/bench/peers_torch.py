"""PyTorch as a peer: what `nn.LSTM` costs at batch 1, and the fastest plain form that was found.

All forms fold the batch norms, as ours does. `nn.LSTM` takes oneDNN's path, which is slow for
single frames; a loop of `nn.LSTMCell` avoids it; products of matrix and vector, with the input and
recurrent matrices of a layer side by side in one, were the fastest (also against oneDNN switched
off).
"""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from streamsep.bench.workload import PIP_BENCH, Candidate, Workload
from streamsep.models.open_unmix_fold import fold_batch_norm, fold_output

if TYPE_CHECKING:
    import torch

NAMES = ("PyTorch nn.LSTM", "PyTorch nn.LSTMCell", "PyTorch matrix-vector")
"""The three forms, in the order of `candidates`."""


def candidates(workload: Workload) -> list[Candidate]:
    """The three forms, or rows that say what is missing."""
    if importlib.util.find_spec("torch") is None:
        return [Candidate(name, "float32", None, PIP_BENCH) for name in NAMES]
    followers = (_lstm, _cells, _products)
    return [
        Candidate(name, "float32", _step(workload, follower))
        for name, follower in zip(NAMES, followers, strict=True)
    ]


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """PyTorch, where there is one, in one thread; as before afterwards."""
    if importlib.util.find_spec("torch") is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


Follower = Callable[["torch.Tensor"], "torch.Tensor"]
"""One frame through the LSTM layers: [hidden] -> [hidden], carrying its own state."""


def _step(
    workload: Workload, make_follower: Callable[[Mapping, int], Follower]
) -> Callable[[np.ndarray], np.ndarray]:
    import torch

    n_layers = workload.settings.nb_layers
    networks = [
        _network(weights, workload.spec.channels, make_follower(_tensors(weights), n_layers))
        for weights in workload.weights.values()
    ]

    def step(magnitude: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            x = torch.from_numpy(magnitude)
            return torch.stack([network(x) for network in networks]).numpy()

    return step


def _tensors(weights: Mapping[str, np.ndarray]) -> dict[str, torch.Tensor]:
    import torch

    return {key: torch.from_numpy(array) for key, array in weights.items()}


def _network(
    weights: Mapping[str, np.ndarray], channels: int, follow: Follower
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Everything around the LSTM; [channels, bins] -> [channels x bins]."""
    import torch

    mean, scale = (torch.from_numpy(weights[f"input_{k}"]) for k in ("mean", "scale"))
    folded = (
        fold_batch_norm(weights, "fc1", "bn1"),
        fold_batch_norm(weights, "fc2", "bn2"),
        fold_output(weights, channels),
    )
    (w1, b1), (w2, b2), (w3, b3) = (
        (torch.tensor(w, dtype=torch.float32), torch.tensor(b, dtype=torch.float32))
        for w, b in folded
    )

    def run(magnitude: torch.Tensor) -> torch.Tensor:
        x = ((magnitude[:, : mean.shape[0]] + mean) * scale).reshape(-1)
        encoded = torch.tanh(torch.addmv(b1, w1, x))
        joined = torch.cat([encoded, follow(encoded)])
        return torch.addmv(b3, w3, torch.relu(torch.addmv(b2, w2, joined)))

    return run


def _lstm(weights: Mapping[str, torch.Tensor], n_layers: int) -> Follower:
    import torch

    size = weights["lstm.weight_hh_l0"].shape[1]
    lstm = torch.nn.LSTM(size, size, n_layers)
    lstm.load_state_dict({k[5:]: w for k, w in weights.items() if k.startswith("lstm.")})
    memory = (torch.zeros(n_layers, 1, size), torch.zeros(n_layers, 1, size))

    def follow(x: torch.Tensor) -> torch.Tensor:
        nonlocal memory
        y, memory = lstm(x[None, None], memory)
        return y[0, 0]

    return follow


def _cells(weights: Mapping[str, torch.Tensor], n_layers: int) -> Follower:
    import torch

    size = weights["lstm.weight_hh_l0"].shape[1]
    cells = [torch.nn.LSTMCell(size, size) for _ in range(n_layers)]
    for layer, cell in enumerate(cells):
        keys = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        cell.load_state_dict({k: weights[f"lstm.{k}_l{layer}"] for k in keys})
    memory = [(torch.zeros(1, size), torch.zeros(1, size)) for _ in cells]

    def follow(x: torch.Tensor) -> torch.Tensor:
        y = x[None]
        for layer, cell in enumerate(cells):
            memory[layer] = cell(y, memory[layer])
            y = memory[layer][0]
        return y[0]

    return follow


def _products(weights: Mapping[str, torch.Tensor], n_layers: int) -> Follower:
    import torch

    size = weights["lstm.weight_hh_l0"].shape[1]
    sides = ("ih", "hh")
    matrices = [
        torch.cat([weights[f"lstm.weight_{s}_l{i}"] for s in sides], 1) for i in range(n_layers)
    ]
    biases = [
        weights[f"lstm.bias_ih_l{i}"] + weights[f"lstm.bias_hh_l{i}"] for i in range(n_layers)
    ]
    hidden = [torch.zeros(size) for _ in range(n_layers)]
    cell = [torch.zeros(size) for _ in range(n_layers)]

    def follow(x: torch.Tensor) -> torch.Tensor:
        for layer in range(n_layers):
            gates = torch.addmv(biases[layer], matrices[layer], torch.cat([x, hidden[layer]]))
            i, f, g, o = gates.chunk(4)
            c = torch.sigmoid(f) * cell[layer] + torch.sigmoid(i) * torch.tanh(g)
            cell[layer] = c
            x = hidden[layer] = torch.sigmoid(o) * torch.tanh(c)
        return x

    return follow
