"""Open-Unmix for long signals: what is constant folded, frames in rows, memory used again.

The same function as `streamsep.models.open_unmix.OpenUnmix.offline`, to float32 rounding. The
normalisations of the input, of the batch and of the output are folded into the three matrices, so that of
each frame remain three products, a tanh, the LSTM, a ReLU and the mask. Spectra lie with the bins of a
frame side by side, as transforms make them and need them, and the masks are made and used a few hundred
frames at a time, while they are in the cache. For inference; training keeps the layers apart.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from streamsep.models.open_unmix import OpenUnmix
from streamsep.models.open_unmix_fold import fold_batch_norm, fold_output
from streamsep_offline.umx.recurrence import Recurrence

_FRAMES_AT_ONCE = 256
_LANES = 16  # MKL multiplies into rows of a multiple of it half as fast again as into others


class FoldedNetwork:
    """One target's Open-Unmix, folded.

    Args:
        network: Where the weights come from; not kept.
        device: Where it computes.
    """

    def __init__(self, network: OpenUnmix, device: str) -> None:
        state = {key: tensor.detach() for key, tensor in network.state_dict().items()}
        arrays = {key: tensor.cpu().numpy() for key, tensor in state.items()}
        self.channels, self.bins = network.nb_channels, network.nb_output_bins
        self._seen = network.nb_bins
        first, bias = _fold_input(arrays, self.channels)
        # One matrix per channel: the bins that are seen are no contiguous part of both.
        self._first = [_put(m.T, device) for m in np.split(first, self.channels, axis=1)]
        self._first_bias = _put(bias, device)
        self._recurrence = Recurrence(state, network.nb_layers, network.unidirectional, device)
        self._second, self._second_bias = _put_folded(
            *fold_batch_norm(arrays, "fc2", "bn2"), device
        )
        third, bias = fold_output(arrays, self.channels)
        padding = -len(bias) % _LANES
        third, bias = np.pad(third, ((0, padding), (0, 0))), np.pad(bias, (0, padding))
        self._third, self._third_bias = _put_folded(third, bias, device)

    def estimate(self, x: Tensor, out: Tensor) -> None:
        """Write the target's magnitudes.

        Args:
            x: Magnitudes of the mixture, finite, >= 0. [batch, channels, frames, bins]
            out: Written, the same shape.

        Latency: all frames. Allocates: yes. In place: out.
        """
        frames = x.shape[2]
        encoded = x.new_empty(frames, x.shape[0], self._first_bias.shape[0])
        for b, item in enumerate(x):
            hidden = self._first_bias
            for channel, matrix in zip(item, self._first, strict=True):
                hidden = torch.addmm(hidden, channel[:, : self._seen], matrix)
            encoded[:, b] = hidden.tanh_()
        joined = torch.cat([encoded, self._recurrence(encoded)], -1)
        work = x.new_empty(min(frames, _FRAMES_AT_ONCE), self._third_bias.shape[0])
        for b in range(x.shape[0]):
            hidden = torch.addmm(self._second_bias, joined[:, b], self._second).relu_()
            for start in range(0, frames, _FRAMES_AT_ONCE):
                part = slice(start, min(start + _FRAMES_AT_ONCE, frames))
                gain = work[: part.stop - start]
                torch.addmm(self._third_bias, hidden[part], self._third, out=gain).relu_()
                gain = gain[:, : self.channels * self.bins]
                gain = gain.unflatten(1, (self.channels, self.bins)).transpose(0, 1)
                torch.mul(gain, x[b, :, part], out=out[b, :, part])


def _fold_input(weights: dict[str, np.ndarray], channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Matrix and bias of the input's normalisation, fc1 and bn1: W ((x + mean) scale) + b."""
    matrix, bias = fold_batch_norm(weights, "fc1", "bn1")
    matrix = matrix * np.tile(weights["input_scale"].astype(np.float64), channels)
    return matrix, bias + matrix @ np.tile(weights["input_mean"].astype(np.float64), channels)


def _put_folded(matrix: np.ndarray, bias: np.ndarray, device: str) -> tuple[Tensor, Tensor]:
    return _put(matrix.T, device), _put(bias, device)


def _put(array: np.ndarray, device: str) -> Tensor:
    """An array computed in float64, rounded once, in rows."""
    return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(device)
