"""Settings of `classic`, and the tables that follow from them at a rate and a profile.

Times are in seconds and ranges in Hz, so that one setting serves every profile and both native rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from streamsep.spec import StreamSpec

FLOOR = 1e-9
"""Added to magnitudes: silence divides by silence; 180 dB below full scale."""

POWER_FLOOR = 1e-25
"""Below this smoothed power the memory is set to zero, so that it never becomes denormal."""


@dataclass(frozen=True)
class ClassicSettings:
    """What a person may tune in a preset.

    Attributes:
        past_s: Span of the median over time, which forgets what is short.
        near_hz: Span on either side of the median over frequency, which forgets what is narrow.
        centre_s: Time constant of the stereo cue.
        bass_hz: Upper edge of the bass range.
        struck_s: Time in which the memory of a peak falls to 1/e; tells struck strings from held notes.
    """

    past_s: float = 0.151
    near_hz: float = 172.0
    centre_s: float = 0.06
    bass_hz: float = 180.0
    struck_s: float = 0.8


class ClassicTables(NamedTuple):
    """The settings in frames and bins.

    Attributes:
        n_past: Frames of the median over time, odd and at least 3.
        n_near: Bins on either side in the median over frequency, at least 1.
        smoothing: Weight of the newest frame in the stereo cue, 1 - exp(-hop / tau).
        decay: Factor of the peak memory per hop.
        low: Share of the bass range, a logistic edge 12 % wide. [bins]
    """

    n_past: int
    n_near: int
    smoothing: float
    decay: float
    low: np.ndarray


def tables(settings: ClassicSettings, spec: StreamSpec) -> ClassicTables:
    """Counts and curves of a stream."""
    bin_hz = spec.sample_rate / spec.profile.n_fft
    frequency_hz = np.arange(spec.profile.n_bins) * bin_hz
    edge = (settings.bass_hz - frequency_hz) / (0.12 * settings.bass_hz)
    return ClassicTables(
        n_past=max(3, 2 * round((settings.past_s / spec.hop_s - 1) / 2) + 1),
        n_near=max(1, round(settings.near_hz / bin_hz)),
        smoothing=float(1.0 - np.exp(-spec.hop_s / settings.centre_s)),
        decay=float(np.exp(-spec.hop_s / settings.struck_s)),
        low=(1.0 / (1.0 + np.exp(-np.clip(edge, -60.0, 60.0)))).astype(np.float32),
    )
