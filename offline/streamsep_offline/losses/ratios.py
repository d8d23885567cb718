"""Signal-to-distortion ratios as losses: negative decibels, floored so that silence has a figure.

Energies are raised by a floor below the mixture's energy. A stem that is silent then costs what is heard
of its estimate above the floor, and no estimate is praised for more than the floor allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.loss import PerStem
from streamsep_offline.tables import number

_DECIBELS = 10.0 / math.log(10.0)


def negative_sdr(
    estimate: torch.Tensor, reference: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """-10 lg((|y|^2 + e) / (|z - y|^2 + e)), norms over the last axis, in dB.

    Source: Vincent, Gribonval, Févotte, "Performance measurement in blind audio source separation", IEEE
    TASLP 14(4), 2006, without the distortion filters.

    Args:
        estimate: z. [..., n]
        reference: y. [..., n]
        floor: e, > 0, an energy. [...]
    """
    error = (estimate - reference).square().sum(dim=-1)
    return _DECIBELS * torch.log((error + floor) / (reference.square().sum(dim=-1) + floor))


def negative_si_sdr(
    estimate: torch.Tensor, reference: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """-10 lg((|a y|^2 + e) / (|z - a y|^2 + e)), a = <z, y> / (|y|^2 + e), in dB.

    Source: Le Roux, Wisdom, Erdogan, Hershey, "SDR - half-baked or well done?", ICASSP 2019; no mean is
    subtracted.

    Args:
        estimate: z. [..., n]
        reference: y. [..., n]
        floor: e, > 0, an energy. [...]
    """
    energy = reference.square().sum(dim=-1)
    scale = (estimate * reference).sum(dim=-1) / (energy + floor)
    projected = scale[..., None] * reference
    error = (estimate - projected).square().sum(dim=-1)
    return _DECIBELS * torch.log((error + floor) / (projected.square().sum(dim=-1) + floor))


@dataclass(frozen=True)
class Sdr(PerStem):
    """Negative SDR of stems over whole examples, channels together, in dB; degree 0.

    Attributes:
        floor_db: Energy added everywhere, against the mixture's, -100 to 0: -30 leaves stems alone that
            are better than 30 dB, as Wisdom et al. (NeurIPS 2020) do.
    """

    floor_db: float = number(-60.0, -100.0, 0.0)

    def figures(self, heard: Heard) -> torch.Tensor:
        """See `PerStem`."""
        return negative_sdr(*_flat(heard, self.floor_db))


@dataclass(frozen=True)
class SiSdr(PerStem):
    """Negative scale-invariant SDR of stems over whole examples, channels together, in dB; degree 0.

    The level of an estimate is free, so a separator whose stems must sum to the mixture needs another
    loss beside it.

    Attributes:
        floor_db: Energy added everywhere, against the mixture's, -100 to 0.
    """

    floor_db: float = number(-60.0, -100.0, 0.0)

    def figures(self, heard: Heard) -> torch.Tensor:
        """See `PerStem`."""
        return negative_si_sdr(*_flat(heard, self.floor_db))


def _flat(heard: Heard, floor_db: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Estimates and references [batch, targets, n], and the floor as an energy [batch, 1]."""
    estimate, reference = heard.estimate_audio.flatten(2), heard.reference_audio.flatten(2)
    floor = reference.shape[-1] * heard.audio_level**2 * 10.0 ** (floor_db / 10.0)
    return estimate, reference, floor[:, None]
