"""Which bins of a frame an example keeps, and for how many each of them stands in the loss.

All bins of all frames would be ten times as much to read and to compute. The lowest bins, where basses and
kicks are, are all kept; of the others each example keeps a random choice, more of those below 8 kHz, where
voices are, than of those above. A sum over the kept bins, each times the number it stands for, is on average
the sum over all bins.
"""

from __future__ import annotations

import numpy as np
import torch

from streamsep.features.fine_grid import fine_grid
from streamsep.spec import StreamSpec

N_LOW = 32
"""Lowest bins, all kept."""

N_MIDDLE = 44
"""Kept bins of those above that the fine grid reaches."""

N_HIGH = 20
"""Kept bins of the rest."""

KEPT_BINS = (N_LOW, N_MIDDLE, N_HIGH)
"""What stored examples depend on."""


def draw_bins(rng: np.random.Generator, spec: StreamSpec) -> np.ndarray:
    """The bins of an example, in order. int64 [sum of KEPT_BINS]"""
    reach = _reach(spec)
    middle = rng.choice(np.arange(N_LOW, reach), N_MIDDLE, replace=False)
    high = rng.choice(np.arange(reach, spec.profile.n_bins), N_HIGH, replace=False)
    return np.r_[np.arange(N_LOW), np.sort(middle), np.sort(high)]


def bin_weights(bins: torch.Tensor, spec: StreamSpec) -> torch.Tensor:
    """For how many bins each kept bin stands, itself included; float32, the shape of `bins`."""
    reach, n_bins = _reach(spec), spec.profile.n_bins
    others = torch.where(bins < reach, (reach - N_LOW) / N_MIDDLE, (n_bins - reach) / N_HIGH)
    return torch.where(bins < N_LOW, 1.0, others)


def _reach(spec: StreamSpec) -> int:
    """Bins that the fine grid reaches."""
    return len(fine_grid(spec).low_point)
