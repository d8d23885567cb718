"""Distances between magnitudes: squared (Open-Unmix), of a power of them, absolute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.loss import Elementwise
from streamsep_offline.tables import number


def squared_error(
    estimate: torch.Tensor, reference: torch.Tensor, alpha: float, floor: torch.Tensor
) -> torch.Tensor:
    """(v^alpha - |Y|^alpha)^2, v the estimate's magnitude.

    With alpha = 1, the mean is `F.mse_loss(unmix(|X|), |Y|)`: Stöter et al., "Open-Unmix", JOSS 2019,
    scripts/train.py. Other alphas after Liutkus & Badeau, "Generalized Wiener filtering with fractional
    power spectrograms", ICASSP 2015; magnitudes are then first raised by the floor, as v^alpha has no
    slope at 0 for alpha < 1.

    Args:
        estimate: v >= 0.
        reference: |Y|, same shape.
        alpha: Exponent, > 0.
        floor: Magnitude that counts as none; broadcasts.

    Returns:
        Same shape.
    """
    if alpha == 1.0:
        return (estimate - reference).square()
    return ((estimate + floor) ** alpha - (reference + floor) ** alpha).square()


def absolute_error(estimate: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """|v - |Y||: Jansson et al., "Singing voice separation with deep U-Net convolutional networks", 2017."""
    return (estimate - reference).abs()


@dataclass(frozen=True)
class MagnitudeMse(Elementwise):
    """Mean of (v^alpha - |Y|^alpha)^2; degree 2 alpha.

    Attributes:
        alpha: 0.1 to 2: 1 is Open-Unmix's, 0.5 compresses as hearing does, 2 is of powers.
    """

    alpha: float = number(1.0, 0.1, 2.0)

    @property
    def degree(self) -> float:  # type: ignore[override]
        """Of homogeneity."""
        return 2.0 * self.alpha

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return squared_error(
            heard.estimate_magnitudes, heard.reference_magnitudes, self.alpha, heard.floor
        )


@dataclass(frozen=True)
class MagnitudeL1(Elementwise):
    """Mean of |v - |Y||; degree 1."""

    degree: ClassVar[float] = 1.0

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return absolute_error(heard.estimate_magnitudes, heard.reference_magnitudes)
