"""A grid of fixed frequencies below 8 kHz, on which a network hears and answers single partials.

The 64 bands of the cues are too wide to tell the partials of two sounds apart. The grid has the bins of
2048 points at 44.1 kHz, 21.5 Hz apart, whatever the rate and window of a stream are: what is heard is read
from the bins by linear interpolation, and what is said goes back to them the same way, so that weights mean
the same frequencies everywhere. Above the last point nothing is said. numpy only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.features.cue_tables import CUES, N_BAND_INPUTS
from streamsep.spec import StreamSpec

FINE_CUES = ("peak_172hz", "level", "centre_60ms")
"""Cues that are heard at every point: what stands out, how loud it is, where it is mixed."""

FINE_ROWS = tuple(CUES.index(name) for name in FINE_CUES)
"""Their places among the features of a bin."""

N_FINE = 372
"""Points, from 0 Hz to 7,989 Hz."""

_STEP_HZ = 44100 / 2048


class FineGrid(NamedTuple):
    """Where grid and bins of a stream lie to each other.

    Attributes:
        low_bin: The bin below each point; the bin above is the next one. [points]
        high_bin_share: Share of the bin above; the bin below has the rest. [points]
        low_point: The point below each bin that the grid reaches, the lowest bins. [reached]
        high_point_share: Share of the point above. [reached]
        n_bins: Bins of a frame.

    Without points all of these are empty.
    """

    low_bin: np.ndarray
    high_bin_share: np.ndarray
    low_point: np.ndarray
    high_point_share: np.ndarray
    n_bins: int

    def reading(self) -> np.ndarray:
        """Share of every bin in what each point hears, rows sum to 1. float32 [points, bins]"""
        return _interpolation(self.low_bin, self.high_bin_share, self.n_bins)

    def shares(self) -> np.ndarray:
        """Share of every point in every bin, columns sum to 1 as far as it reaches. float32 [points, bins]"""
        reached = _interpolation(self.low_point, self.high_point_share, len(self.low_bin)).T
        return np.pad(reached, [(0, 0), (0, self.n_bins - reached.shape[1])])


def points_heard(n_inputs: int) -> int:
    """Points that an LSTM with so many inputs hears: `N_FINE`, or none where it hears bands only."""
    return N_FINE if n_inputs > N_BAND_INPUTS else 0


def fine_grid(spec: StreamSpec, n_points: int = N_FINE) -> FineGrid:
    """The grid of a stream.

    Args:
        spec: Windows and rate.
        n_points: `N_FINE`, or 0 for none.
    """
    # Rounded: a point that lies on a bin shall not read the bin before it.
    points_per_bin = np.round(spec.sample_rate / spec.profile.n_fft / _STEP_HZ, 9)
    n_bins = spec.profile.n_bins
    at_bin = np.minimum(np.arange(n_points) / points_per_bin, n_bins - 1)
    at_point = np.arange(n_bins) * points_per_bin
    at_point = at_point[at_point <= n_points - 1]
    low_bin, bin_share = _below(at_bin, n_bins)
    low_point, point_share = _below(at_point, n_points)
    return FineGrid(low_bin, bin_share, low_point, point_share, n_bins)


def _below(at: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The place below each position, at most the last but one, and the share of the next one."""
    low = np.minimum(at.astype(np.int32), np.int32(n - 2))
    return low, (at - low).astype(np.float32)


def _interpolation(low: np.ndarray, share: np.ndarray, n: int) -> np.ndarray:
    rows = np.arange(len(low))
    shares = np.zeros((len(low), n), np.float32)
    shares[rows, low] = 1.0 - share
    shares[rows, low + 1] += share
    return shares
