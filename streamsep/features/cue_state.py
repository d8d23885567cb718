"""What the cues say about frames, and what they remember between them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import torch


class CueFrames(NamedTuple):
    """What `Cues` says about some frames.

    Attributes:
        bins: Features. [batch, CUES, bins, frames]
        bands: Inputs of the bands. [batch, BAND_CUES, bands, frames]
        counts: Whether a frame leaves a trace in memories, boolean. [batch, frames]
    """

    bins: torch.Tensor
    bands: torch.Tensor
    counts: torch.Tensor


@dataclass(frozen=True)
class CueState:
    """Zeros at the start; every tensor begins with the batch axis.

    Attributes:
        level: Sum of the running mean power before its correction. [batch]
        level_weight: What it has to be divided by; grows from 0 to 1. [batch]
        n_loud: Frames for which an outburst has lasted. [batch]
        mid: Left plus right of past frames, over the level, newest first. complex [batch, lags, bins]
        log_level: Log level of past frames above its floor, newest first. [batch, lags, bins]
        smooth: Smoothed products, see `cues`. [batch, 16, bins]
        log_mean: Means of the log level above its floor before correction. [batch, 4, bins]
        log_weight: What they have to be divided by. [batch, 4]
        held: Held onset. [batch, bins]
        band_mean: Mean log power of the bands above its floor before correction. [batch, bands]
        band_weight: What it has to be divided by. [batch]
    """

    level: torch.Tensor
    level_weight: torch.Tensor
    n_loud: torch.Tensor
    mid: torch.Tensor
    log_level: torch.Tensor
    smooth: torch.Tensor
    log_mean: torch.Tensor
    log_weight: torch.Tensor
    held: torch.Tensor
    band_mean: torch.Tensor
    band_weight: torch.Tensor


_NAMES = tuple(field.name for field in fields(CueState))


def keep(usable: torch.Tensor, new: CueState, old: CueState) -> CueState:
    """The same as `choose`, quicker where all frames are usable, for which it waits for the device."""
    return new if bool(usable.all()) else choose(usable, new, old)


def choose(usable: torch.Tensor, new: CueState, old: CueState) -> CueState:
    """The new state where a frame is usable, the old one where it is not.

    Args:
        usable: Boolean. [batch]
        new: State after the frame.
        old: State before it.
    """

    def chosen(name: str) -> torch.Tensor:
        after, before = getattr(new, name), getattr(old, name)
        return torch.where(usable.view(-1, *[1] * (after.ndim - 1)), after, before)

    return CueState(*[chosen(name) for name in _NAMES])
