"""Distances between complex spectra: magnitude and phase together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.loss import Elementwise


def modulus(estimate: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """|Z - Y|, the distance in the complex plane; its slope at Z = Y is taken as 0.

    Source: as one of the losses compared by Braun & Tashev, "A consolidated view of loss functions for
    supervised deep learning-based speech enhancement", TSP 2021.
    """
    return (estimate - reference).abs()


def squared_modulus(estimate: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """|Z - Y|^2; its mean is the waveform's squared error as far as windows are tight (Parseval)."""
    difference = estimate - reference
    return difference.real.square() + difference.imag.square()


@dataclass(frozen=True)
class ComplexL1(Elementwise):
    """Mean of |Z - Y|; degree 1."""

    degree: ClassVar[float] = 1.0

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return modulus(heard.estimates, heard.references)


@dataclass(frozen=True)
class ComplexL2(Elementwise):
    """Mean of |Z - Y|^2; degree 2."""

    degree: ClassVar[float] = 2.0

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return squared_modulus(heard.estimates, heard.references)
