"""The LSTM of a long signal in several pieces of time at once, with the result of one piece.

A recurrence over frames reads all its weights for each frame. Side by side in one batch, a few pieces
of the signal share that reading: on a processor, four cost half of what one costs, and less beside other
work, where the weights are pushed out of the cache in between.

A piece must start from the state that the one before it ends with, which is not known yet. So all start
from zero; then each starts again from the end of its neighbour and runs until its state is the one of
the first time, because an LSTM forgets where it started. What follows is the same then. Where a piece
ends before that, the next ones start once more; with as many sweeps as pieces every state is exact,
however long the memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

N_AT_ONCE = 4
"""Rows of a batch beyond which the reading of the weights no longer counts."""

MIN_PIECE_FRAMES = 256
"""Shortest piece; below, too much of it would be run twice."""

TOLERANCE = 1e-6
"""Difference of two states, relative to 1 + |cell|, that is taken for none: a few roundings."""

_FIRST_CHECK = 64  # frames; the next checks come at twice as many each

State = tuple[Tensor, Tensor]


class Recurrence:
    """The stacked LSTM of an Open-Unmix, without gradients.

    Args:
        weights: State of the network, "lstm.weight_ih_l0" and so on.
        n_layers: Layers.
        is_causal: Whether there is only the direction forwards in time.
        device: Where it computes.
    """

    def __init__(
        self, weights: Mapping[str, Tensor], n_layers: int, is_causal: bool, device: str
    ) -> None:
        sides = ("",) if is_causal else ("", "_reverse")
        self._layers = [
            [_one_way(weights, f"l{layer}{side}").to(device) for side in sides]
            for layer in range(n_layers)
        ]
        # A graphics processor fills itself with one long piece better than with this bookkeeping.
        self._n_at_once = N_AT_ONCE if torch.device(device).type == "cpu" else 1

    def __call__(self, x: Tensor) -> Tensor:
        """Output of the last layer, directions side by side: [frames, batch, size] as the input."""
        pieces = max(1, min(self._n_at_once // x.shape[1], x.shape[0] // MIN_PIECE_FRAMES))
        for forwards, *backwards in self._layers:
            ways = [follow(forwards, x, pieces)]
            ways += [follow(lstm, x.flip(0), pieces).flip(0) for lstm in backwards]
            x = torch.cat(ways, -1)
        return x


def follow(lstm: nn.LSTM, x: Tensor, pieces: int) -> Tensor:
    """One LSTM layer forwards through time, in several pieces at once.

    Args:
        lstm: One layer, one direction.
        x: Its input. [frames, batch, size]
        pieces: How many; 1 is the plain way.

    Returns:
        Its output. [frames, batch, hidden]
    """
    if pieces == 1:
        return lstm(x)[0]
    frames, batch, size = x.shape
    length = -(-frames // pieces)
    padded = F.pad(x, (0, 0, 0, 0, 0, pieces * length - frames))
    x = padded.view(pieces, length, batch, size).transpose(0, 1).reshape(length, -1, size)

    checks = [0, *_checks(length)]
    spans = [slice(a, b) for a, b in itertools.pairwise(checks)]
    out = x.new_empty(length, pieces * batch, lstm.hidden_size)
    seen: list[State] = []
    zero = x.new_zeros(1, pieces * batch, lstm.hidden_size)
    state = (zero, zero)
    for span in spans:
        out[span], state = lstm(x[span], state)
        seen.append(state)
    for _ in range(pieces - 1):
        state = _after(seen[-1][0], batch), _after(seen[-1][1], batch)
        for i, span in enumerate(spans):
            out[span], state = lstm(x[span], state)
            before, seen[i] = seen[i], state
            if _is_same(before, state):
                break
        else:
            continue  # the ends have changed too, so the next pieces start anew
        break
    return (
        out.view(length, pieces, batch, -1).transpose(0, 1).reshape(-1, batch, lstm.hidden_size)
    )[:frames]


def _one_way(weights: Mapping[str, Tensor], suffix: str) -> nn.LSTM:
    """One layer in one direction as a module of its own."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    state = {f"{name}_l0": weights[f"lstm.{name}_{suffix}"] for name in names}
    rows, size = state["weight_ih_l0"].shape
    with torch.device("meta"):
        lstm = nn.LSTM(size, rows // 4)
    lstm.load_state_dict(state, assign=True)
    return lstm.requires_grad_(False).eval()


def _checks(length: int) -> list[int]:
    """Frames at which states are compared: 64, 128, 256, ... and the end."""
    checks, frame = [], _FIRST_CHECK
    while frame < length:
        checks.append(frame)
        frame *= 2
    return [*checks, length]


def _after(ends: Tensor, batch: int) -> Tensor:
    """Where each piece starts: zero, then what the piece before it ended with. [1, pieces batch, h]"""
    return torch.cat([torch.zeros_like(ends[:, :batch]), ends[:, :-batch]], 1)


def _is_same(a: State, b: State) -> bool:
    """Whether two states differ by roundings only."""
    return all(
        bool(((x - y).abs() <= TOLERANCE * (1.0 + x.abs())).all())
        for x, y in zip(a, b, strict=True)
    )
