"""Divergences, each the likelihood of a model of sound: Kullback-Leibler, Itakura-Saito, Cauchy.

All are 0 for equal spectra and above 0 else. Magnitudes are raised by a floor 80 dB below the mixture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.loss import Elementwise


def kullback_leibler(estimate: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """Y ln(Y / v) - Y + v of magnitudes Y, v > 0.

    Source: Lee & Seung, "Algorithms for non-negative matrix factorization", NIPS 2000.
    """
    return reference * torch.log(reference / estimate) - reference + estimate


def itakura_saito(estimate: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """r - ln r - 1 with r = Y^2 / v^2 of magnitudes Y, v > 0: the likelihood of Gaussian sound.

    Source: Févotte, Bertin, Durrieu, "Nonnegative matrix factorization with the Itakura-Saito
    divergence", Neural Computation 21(3), 2009.
    """
    ratio = (reference / estimate) ** 2
    return ratio - torch.log(ratio) - 1.0


def cauchy(estimate: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """3/2 ln((Y^2 + v^2 / 2) / (3/2 Y^2)) - ln(v / Y) of magnitudes Y, v > 0.

    The likelihood 3/2 ln(Y^2 + u^2) - ln u of isotropic complex Cauchy sound of scale u is best at
    u = Y / sqrt(2); with u = v / sqrt(2), and less its least value, the best estimate is v = Y.

    Source: Liutkus, Fitzgerald, Badeau, "Cauchy nonnegative matrix factorization", WASPAA 2015.
    """
    ratio = (estimate / reference) ** 2
    return 1.5 * torch.log((1.0 + 0.5 * ratio) / 1.5) - 0.5 * torch.log(ratio)


@dataclass(frozen=True)
class KullbackLeibler(Elementwise):
    """Mean divergence of magnitudes; degree 1."""

    degree: ClassVar[float] = 1.0

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return kullback_leibler(*_raised(heard))


@dataclass(frozen=True)
class ItakuraSaito(Elementwise):
    """Mean divergence of powers; degree 0."""

    degree: ClassVar[float] = 0.0

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return itakura_saito(*_raised(heard))


@dataclass(frozen=True)
class Cauchy(Elementwise):
    """Mean divergence of magnitudes; degree 0."""

    degree: ClassVar[float] = 0.0

    def errors(self, heard: Heard) -> torch.Tensor:
        """See `Elementwise`."""
        return cauchy(*_raised(heard))


def _raised(heard: Heard) -> tuple[torch.Tensor, torch.Tensor]:
    """Magnitudes of estimates and references above the floor."""
    return heard.estimate_magnitudes + heard.floor, heard.reference_magnitudes + heard.floor
