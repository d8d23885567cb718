"""Open-Unmix: one class, bidirectional (offline) or unidirectional (causal, frame by frame).

Layers, state_dict keys, shapes and numerics are exactly those of the original, so that its weights
load strictly. The magnitude spectrogram x [batch, channels, bins, frames] is cropped to `max_bin`
bins, normalised per bin, compressed to `hidden_size` (fc1, bn1, tanh), followed through time by a
stacked LSTM whose output is put beside its input, decoded (fc2, bn2, ReLU, fc3, bn3) and scaled per
bin. The result is the *gain* of the target in every bin of the full band:

    estimate = relu(gain) * x.

Out of scope: the STFT and the masks (`streamsep.masking`, `streamsep.models.open_unmix_masks`).

Source: Stöter, Uhlich, Liutkus, Mitsufuji, "Open-Unmix - A Reference Implementation for Music
Source Separation", JOSS 4(41), 2019; github.com/sigsep/open-unmix-pytorch, openunmix/model.py
(MIT).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from streamsep.errors import ParameterError, ShapeError

LSTM_DROPOUT = 0.4
"""Dropout between LSTM layers while training, the original's."""


@dataclass(frozen=True)
class OpenUnmixState:
    """What the causal network remembers; zeros at the start.

    Attributes:
        hidden: Output of each LSTM layer at the latest frame. [layers, batch, hidden]
        cell: Its memory cell. [layers, batch, hidden]
    """

    hidden: Tensor
    cell: Tensor


class OpenUnmix(nn.Module):
    """The Open-Unmix network of one target.

    Args:
        nb_bins: Bins of the spectrogram, n_fft / 2 + 1 (the original's default is its n_fft).
        nb_channels: Audio channels.
        hidden_size: Width of the hidden layers; even when bidirectional.
        nb_layers: LSTM layers.
        unidirectional: Causal LSTM of `hidden_size`; otherwise one of half that size in each
            direction.
        input_mean: Mean magnitude per bin, stored negated; None is 0. [>= max_bin]
        input_scale: Standard deviation per bin, stored inverted; None is 1. [>= max_bin]
        max_bin: Bins that the network sees, from the lowest; None is all.

    Raises:
        ParameterError: A size is not positive, or odd where it is halved, or statistics are short.
    """

    latency_samples = 0

    def __init__(
        self,
        nb_bins: int = 4096,
        nb_channels: int = 2,
        hidden_size: int = 512,
        nb_layers: int = 3,
        unidirectional: bool = False,
        input_mean: Sequence[float] | None = None,
        input_scale: Sequence[float] | None = None,
        max_bin: int | None = None,
    ) -> None:
        super().__init__()
        _check_sizes(nb_bins, nb_channels, hidden_size, nb_layers, unidirectional, max_bin)
        self.nb_output_bins = nb_bins
        self.nb_bins = max_bin if max_bin else nb_bins
        self.nb_channels = nb_channels
        self.hidden_size = hidden_size
        self.nb_layers = nb_layers
        self.unidirectional = unidirectional

        self.fc1 = nn.Linear(self.nb_bins * nb_channels, hidden_size, bias=False)
        self.bn1 = nn.BatchNorm1d(hidden_size)
        self.lstm = nn.LSTM(
            input_size=hidden_size,
            hidden_size=hidden_size if unidirectional else hidden_size // 2,
            num_layers=nb_layers,
            bidirectional=not unidirectional,
            batch_first=False,
            dropout=LSTM_DROPOUT if nb_layers > 1 else 0.0,
        )
        self.fc2 = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.bn2 = nn.BatchNorm1d(hidden_size)
        self.fc3 = nn.Linear(hidden_size, nb_bins * nb_channels, bias=False)
        self.bn3 = nn.BatchNorm1d(nb_bins * nb_channels)

        mean, scale = self._per_bin(input_mean, 0.0), self._per_bin(input_scale, 1.0)
        self.input_mean = nn.Parameter((-mean).float())
        self.input_scale = nn.Parameter((1.0 / scale).float())
        self.output_scale = nn.Parameter(torch.ones(nb_bins))
        self.output_mean = nn.Parameter(torch.ones(nb_bins))

    def init_state(self, batch: int) -> OpenUnmixState:
        """State before the first frame, on the device and in the dtype of the weights.

        Raises:
            ParameterError: The network is bidirectional.
        """
        self._check_causal()
        zeros = self.input_mean.new_zeros(self.nb_layers, batch, self.hidden_size)
        return OpenUnmixState(zeros, zeros.clone())

    def step(self, magnitude: Tensor, state: OpenUnmixState) -> tuple[Tensor, OpenUnmixState]:
        """Estimate the target's magnitude for the next frames, any count of them.

        Args:
            magnitude: Magnitudes of the mixture, >= 0. [batch, channels, bins, frames]
            state: From `init_state` or the previous step.

        Returns:
            Magnitudes of the target, same shape; the new state.

        Raises:
            ParameterError: The network is bidirectional.
            ShapeError: Channels or bins differ from the network's.
        """
        gain, state = self.gain(magnitude, state)
        return F.relu(gain) * magnitude, state

    def offline(self, magnitude: Tensor) -> Tensor:
        """Estimate the target's magnitude for a whole signal [batch, channels, bins, frames].

        Raises:
            ShapeError: Channels or bins differ from the network's.
        """
        gain, _ = self._run(magnitude, None)
        return F.relu(gain) * magnitude

    def forward(self, x: Tensor) -> Tensor:
        """The same as `offline`; what training calls."""
        return self.offline(x)

    def gain(self, magnitude: Tensor, state: OpenUnmixState) -> tuple[Tensor, OpenUnmixState]:
        """Gain of the target in every bin *before* its ReLU, dimensionless; see `step`."""
        self._check_causal()
        gain, (hidden, cell) = self._run(magnitude, (state.hidden, state.cell))
        return gain, OpenUnmixState(hidden, cell)

    def _run(
        self, magnitude: Tensor, memory: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        if magnitude.ndim != 4 or magnitude.shape[1:3] != (self.nb_channels, self.nb_output_bins):
            raise ShapeError(
                f"magnitude has shape {tuple(magnitude.shape)}, expected [batch, "
                f"{self.nb_channels}, {self.nb_output_bins}, frames]; "
                "build the network with nb_channels and nb_bins to match"
            )
        frames, batch = magnitude.shape[3], magnitude.shape[0]
        x = magnitude.permute(3, 0, 1, 2)[..., : self.nb_bins]
        x = (x + self.input_mean) * self.input_scale
        x = self.bn1(self.fc1(x.reshape(frames * batch, -1)))
        x = torch.tanh(x.reshape(frames, batch, self.hidden_size))
        followed, memory = self.lstm(x, memory)
        x = torch.cat([x, followed], -1)
        x = F.relu(self.bn2(self.fc2(x.reshape(frames * batch, -1))))
        x = self.bn3(self.fc3(x))
        x = x.reshape(frames, batch, self.nb_channels, self.nb_output_bins)
        x = x * self.output_scale + self.output_mean
        return x.permute(1, 2, 3, 0), memory

    def _per_bin(self, values: Sequence[float] | None, default: float) -> Tensor:
        """Values of the bins seen in float64, so that what follows is rounded once."""
        if values is None:
            return torch.full((self.nb_bins,), default, dtype=torch.float64)
        if len(values) < self.nb_bins:
            raise ParameterError(
                f"input statistics cover {len(values)} bins, the network sees {self.nb_bins}; "
                "compute them over at least as many"
            )
        return torch.as_tensor(values, dtype=torch.float64)[: self.nb_bins]

    def _check_causal(self) -> None:
        if not self.unidirectional:
            raise ParameterError(
                "this Open-Unmix is bidirectional and needs the future, so it cannot step; "
                "use offline(), or a model trained with unidirectional=True"
            )


def _check_sizes(
    nb_bins: int,
    nb_channels: int,
    hidden_size: int,
    nb_layers: int,
    causal: bool,
    max_bin: int | None,
) -> None:
    sizes = {"nb_bins": nb_bins, "nb_channels": nb_channels, "hidden_size": hidden_size}
    for name, value in (sizes | {"nb_layers": nb_layers}).items():
        if value < 1:
            raise ParameterError(f"{name}={value} must be at least 1")
    if not causal and hidden_size % 2:
        raise ParameterError(f"hidden_size={hidden_size} must be even for a bidirectional network")
    if max_bin and not 1 <= max_bin <= nb_bins:
        raise ParameterError(f"max_bin={max_bin} must lie in 1 to nb_bins={nb_bins}")
