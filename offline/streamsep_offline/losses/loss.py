"""What losses have in common: a mean over everything, or over what sounds, at any level or at one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch

from streamsep_offline.losses.heard import Heard
from streamsep_offline.tables import check_numbers, number

_PIECE = 2048
"""Samples that are active or not together."""


class Loss(Protocol):
    """What training minimises."""

    def __call__(self, heard: Heard) -> torch.Tensor:
        """A scalar, lower is better; gradients flow to the estimates."""


@dataclass(frozen=True)
class Elementwise(ABC):
    """A mean of errors, each of one bin or sample.

    Attributes:
        active_only: Count an error only where its stem sounds. What is heard of a stem in its pauses is
            then nobody's concern: add a loss that minds.
        active_db: A stem sounds where its power lies above this level against the mean power of its
            example's mixture, -120 to 0.
        relative: Divide by the mixture's level to the power of `degree`: quiet examples count like loud
            ones.
    """

    degree: ClassVar[float] = 1.0
    is_audio: ClassVar[bool] = False

    active_only: bool = False
    active_db: float = number(-60.0, -120.0, 0.0)
    relative: bool = False

    def __post_init__(self) -> None:
        check_numbers(self, f"loss {type(self).__name__}")

    def __call__(self, heard: Heard) -> torch.Tensor:
        """See `Loss`."""
        errors = self.errors(heard).flatten(2, -2).mean(dim=2)
        if self.relative:
            level = heard.audio_level if self.is_audio else heard.level
            errors = errors / level[:, None, None] ** self.degree
        if not self.active_only:
            return errors.mean()
        find = active_samples if self.is_audio else active_frames
        active = find(heard, self.active_db).to(errors.dtype)
        return (errors * active).sum() / active.sum().clamp_min(1.0)

    @abstractmethod
    def errors(self, heard: Heard) -> torch.Tensor:
        """Errors >= 0 of all bins or samples. [batch, targets, channels, ..., time]"""


@dataclass(frozen=True)
class PerStem(ABC):
    """A mean of figures, each of one stem of one example.

    Attributes:
        active_only: Leave out stems that are silent throughout their example.
        active_db: A stem is silent where its power lies below this level against the mixture's, -120 to 0.
    """

    degree: ClassVar[float] = 0.0

    active_only: bool = False
    active_db: float = number(-60.0, -120.0, 0.0)

    def __post_init__(self) -> None:
        check_numbers(self, f"loss {type(self).__name__}")

    def __call__(self, heard: Heard) -> torch.Tensor:
        """See `Loss`."""
        figures = self.figures(heard)
        if not self.active_only:
            return figures.mean()
        power = heard.reference_audio.square().mean(dim=(2, 3))
        active = _is_above(power, heard.audio_level[:, None], self.active_db).to(figures.dtype)
        return (figures * active).sum() / active.sum().clamp_min(1.0)

    @abstractmethod
    def figures(self, heard: Heard) -> torch.Tensor:
        """A figure per stem, lower is better. [batch, targets]"""


def active_frames(heard: Heard, active_db: float) -> torch.Tensor:
    """Where stems sound. Boolean [batch, targets, frames]"""
    power = heard.reference_magnitudes.square().mean(dim=(2, 3))
    return _is_above(power, heard.level[:, None, None], active_db)


def active_samples(heard: Heard, active_db: float) -> torch.Tensor:
    """Where stems sound, in pieces of 2048 samples. Boolean [batch, targets, samples]"""
    power = heard.reference_audio.square().mean(dim=2)
    n = power.shape[-1]
    padded = torch.nn.functional.pad(power, (0, -n % _PIECE))
    pieces = padded.unflatten(-1, (-1, _PIECE)).mean(dim=-1)
    active = _is_above(pieces, heard.audio_level[:, None, None], active_db)
    return active.repeat_interleave(_PIECE, dim=-1)[..., :n]


def _is_above(power: torch.Tensor, level: torch.Tensor, active_db: float) -> torch.Tensor:
    return power > level**2 * 10.0 ** (active_db / 10.0)
