"""Distances between samples, after the overlap-add that listeners get too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.loss import Elementwise


def absolute_difference(estimate: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """|z - y| of samples: Défossez et al., "Music source separation in the waveform domain", 2019."""
    return (estimate - reference).abs()


def squared_difference(estimate: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """(z - y)^2 of samples: Stoller, Ewert, Dixon, "Wave-U-Net", ISMIR 2018."""
    return (estimate - reference).square()


@dataclass(frozen=True)
class WaveformL1(Elementwise):
    """Mean of |z - y|; degree 1."""

    degree: ClassVar[float] = 1.0
    is_audio: ClassVar[bool] = True

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return absolute_difference(heard.estimate_audio, heard.reference_audio)


@dataclass(frozen=True)
class WaveformL2(Elementwise):
    """Mean of (z - y)^2; degree 2."""

    degree: ClassVar[float] = 2.0
    is_audio: ClassVar[bool] = True

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return squared_difference(heard.estimate_audio, heard.reference_audio)
