"""A small room for a voice: four combs beside each other, two all-passes behind, per channel.

Each comb is y[n] = x[n] + g lowpass(y[n - d]), with g = 10^(-3 d / t) so that it has fallen by 60 dB after t
(M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10 (3), 1962); the low-pass takes the
highs away faster, as air and walls do (J. A. Moorer, "About this reverberation business", CMJ 3 (2), 1979).
Right is like left with other delays, so that a mono voice fills the width.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cache import kernel

COMBS_S = (0.0297, 0.0371, 0.0411, 0.0437)
ALLPASSES_S = (0.0050, 0.0017)
SPREAD_S = 0.0007
"""The right channel's delays are longer by so much."""

DECAY_S = 1.1
"""Time in seconds in which it falls by 60 dB."""

_DAMPING, _DIFFUSION = 0.3, 0.7


class Reverb(NamedTuple):
    """Memory of a reverberation.

    Attributes:
        at: Samples so far. int64 [1]
        combs: Rings of their outputs. [channels, combs, longest]
        comb_lengths: Delays in samples. int64 [channels, combs]
        gains: Of the combs. [channels, combs]
        lows: Their low-passes. [channels, combs]
        allpasses: Rings. [channels, all-passes, longest]
        allpass_lengths: Delays in samples. int64 [channels, all-passes]
    """

    at: np.ndarray
    combs: np.ndarray
    comb_lengths: np.ndarray
    gains: np.ndarray
    lows: np.ndarray
    allpasses: np.ndarray
    allpass_lengths: np.ndarray


def make_reverb(sample_rate: int, channels: int = 2) -> Reverb:
    """Silence.

    Args:
        sample_rate: In Hz.
        channels: Of the output.
    """
    spread = SPREAD_S * np.arange(channels)[:, None]
    comb_lengths = np.round((np.array(COMBS_S) + spread) * sample_rate).astype(np.int64)
    allpass_lengths = np.round((np.array(ALLPASSES_S) + spread) * sample_rate).astype(np.int64)
    gains = 10.0 ** (-3.0 * comb_lengths / (DECAY_S * sample_rate))
    return Reverb(
        np.zeros(1, np.int64),
        np.zeros((*comb_lengths.shape, comb_lengths.max()), np.float32),
        comb_lengths,
        gains.astype(np.float32),
        np.zeros(comb_lengths.shape, np.float32),
        np.zeros((*allpass_lengths.shape, allpass_lengths.max()), np.float32),
        allpass_lengths,
    )


@kernel
def reverberate(reverb, dry, n, wet):
    """The room's answer, without the direct sound.

    Args:
        reverb: `Reverb`.
        dry: [>= n]
        n: Samples.
        wet: Written. [channels, >= n]

    Latency: 0. Thread: audio. Allocates: no. In place: reverb, wet.
    """
    start = reverb.at[0]
    n_combs, n_allpasses = reverb.combs.shape[1], reverb.allpasses.shape[1]
    for c in range(wet.shape[0]):
        for k in range(n):
            total = np.float32(0.0)
            for i in range(n_combs):
                ring, length = reverb.combs[c, i], reverb.comb_lengths[c, i]
                at = (start + k) % length
                low = ring[at] + np.float32(_DAMPING) * (reverb.lows[c, i] - ring[at])
                reverb.lows[c, i] = low
                total += ring[at]
                ring[at] = dry[k] + reverb.gains[c, i] * low
            for i in range(n_allpasses):
                ring, length = reverb.allpasses[c, i], reverb.allpass_lengths[c, i]
                at = (start + k) % length
                late = ring[at]
                ring[at] = total + np.float32(_DIFFUSION) * late
                total = late - np.float32(_DIFFUSION) * ring[at]
            wet[c, k] = total / np.float32(n_combs)
    reverb.at[0] = start + n
