"""Loops compiled by numba that bend a signal: clipping, filters, moving gains and read positions.

As in `kernels`, nothing here imports anything of ours, so numba's cache on disk never goes stale.
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def clip_softly(
    audio: np.ndarray, gain: float, bias: float, sag: float, attack: float, release: float
) -> np.ndarray:
    """u / sqrt(1 + u^2) of u = gain * audio + bias, with antialiasing by its antiderivative.

    A valve's stage: `bias` moves the working point, so that one half wave is clipped earlier and
    even harmonics appear; `sag` lets the supply drop while it is loud, so that the attack is
    louder than what follows. The offset of the bias at rest is taken off.

    Between two samples u0 and u1 the mean of the curve is (u0 + u1) / (sqrt(1 + u0^2) +
    sqrt(1 + u1^2)) (Parker et al., 2016, for the antiderivative sqrt(1 + u^2)).

    Args:
        audio: What comes in, unit RMS. [samples]
        gain: Linear, before clipping.
        bias: Working point, 0 is symmetric.
        sag: By how much full output lowers the gain: gain / (1 + sag).
        attack: Pole of the supply's envelope going up, 0 to 1.
        release: The same going down.

    Returns:
        float32, within +-2. [samples]
    """
    output = np.empty(len(audio), np.float32)
    before, size_before = bias, math.sqrt(1.0 + bias * bias)
    rest = bias / size_before
    level = 0.0
    for i in range(len(audio)):
        u = gain / (1.0 + sag * level) * audio[i] + bias
        size = math.sqrt(1.0 + u * u)
        y = (u + before) / (size + size_before) - rest
        before, size_before = u, size
        output[i] = y
        pole = attack if abs(y) > level else release
        level = pole * level + (1.0 - pole) * abs(y)
        level = level if level > 1e-30 else 0.0
    return output


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def filter_sections(audio: np.ndarray, sections: np.ndarray) -> np.ndarray:
    """Second-order sections one after the other, in double precision; silence costs nothing extra.

    Args:
        audio: float32, contiguous. [channels, samples]
        sections: As scipy's: b0, b1, b2, 1, a1, a2. [sections, 6]

    Returns:
        float32. [channels, samples]
    """
    n_channels, n_samples = audio.shape
    output = np.empty((n_channels, n_samples), np.float32)
    n_block = 256  # stays in the processor's nearest cache
    left, right = np.empty(n_block), np.empty(n_block)
    for first in range(0, n_channels, 2):  # two at a time: while one waits, the other is worked on
        second = min(first + 1, n_channels - 1)
        states = np.zeros((len(sections), 4))
        for start in range(0, n_samples, n_block):
            size = min(n_block, n_samples - start)
            for i in range(size):
                left[i] = audio[first, start + i]
                right[i] = audio[second, start + i]
            for k in range(len(sections)):
                b0, b1, b2 = sections[k, 0], sections[k, 1], sections[k, 2]
                a1, a2 = sections[k, 4], sections[k, 5]
                p, q, r, s = states[k, 0], states[k, 1], states[k, 2], states[k, 3]
                for i in range(size):
                    x, u = left[i], right[i]
                    y, v = b0 * x + p, b0 * u + r
                    p, r = (b1 * x + q) - a1 * y, (b1 * u + s) - a1 * v
                    q, s = b2 * x - a2 * y, b2 * u - a2 * v
                    left[i], right[i] = y, v
                # what nobody hears would become denormal numbers, which are slow
                states[k, 0] = p if abs(p) > 1e-30 else 0.0
                states[k, 1] = q if abs(q) > 1e-30 else 0.0
                states[k, 2] = r if abs(r) > 1e-30 else 0.0
                states[k, 3] = s if abs(s) > 1e-30 else 0.0
            for i in range(size):
                output[first, start + i] = left[i]
                output[second, start + i] = right[i]
    return output


@numba.njit(cache=True, nogil=True)
def filter_moving(
    audio: np.ndarray, cutoff_hz: np.ndarray, damping: float, is_band: bool, sample_rate_hz: float
) -> np.ndarray:
    """A state-variable filter whose corner moves: wah pedals and filter sweeps.

    Args:
        audio: [samples]
        cutoff_hz: Corner of every 16 samples, the last one holds. [blocks]
        damping: 1 / Q.
        is_band: Band-pass of unit gain at its centre instead of the low-pass.
        sample_rate_hz: Of the audio.

    Returns:
        float32. [samples]
    """
    output = np.empty(len(audio), np.float32)
    low_state = band_state = a1 = a2 = a3 = 0.0
    for i in range(len(audio)):
        if i % 16 == 0:
            hz = min(max(cutoff_hz[min(i // 16, len(cutoff_hz) - 1)], 20.0), 0.4 * sample_rate_hz)
            g = math.tan(math.pi * hz / sample_rate_hz)
            a1 = 1.0 / (1.0 + g * (g + damping))
            a2 = g * a1
            a3 = g * a2
        v3 = audio[i] - low_state
        band = a1 * band_state + a2 * v3
        low = low_state + a2 * band_state + a3 * v3
        band_state = 2.0 * band - band_state
        low_state = 2.0 * low - low_state
        output[i] = damping * band if is_band else low
    return output


@numba.njit(cache=True, nogil=True)
def phase_shift(
    audio: np.ndarray, corner_hz: np.ndarray, n_stages: int, feedback: float, sample_rate_hz: float
) -> np.ndarray:
    """A chain of first-order all-passes with a common moving corner: a phaser's wet path.

    Args:
        audio: [samples]
        corner_hz: Corner of every 16 samples, the last one holds. [blocks]
        n_stages: At most 12; two make one notch once the dry sound is added.
        feedback: From the last stage to the first, -0.9 to 0.9.
        sample_rate_hz: Of the audio.

    Returns:
        float32. [samples]
    """
    output = np.empty(len(audio), np.float32)
    states = np.zeros(12)
    a = last = 0.0
    for i in range(len(audio)):
        if i % 16 == 0:
            hz = corner_hz[min(i // 16, len(corner_hz) - 1)]
            t = math.tan(math.pi * min(hz, 0.45 * sample_rate_hz) / sample_rate_hz)
            a = (t - 1.0) / (t + 1.0)
        x = audio[i] + feedback * last
        for k in range(n_stages):
            y = a * x + states[k]
            states[k] = x - a * y
            x = y
        last = x
        output[i] = x
    return output


@numba.njit(cache=True, nogil=True)
def read_at(audio: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """`audio` read at fractional positions, four-point Hermite; silence outside. [positions]

    Args:
        audio: [samples]
        positions: In samples; where they move slower or faster than time, the pitch moves.

    Returns:
        float32. [positions]
    """
    output = np.zeros(len(positions), np.float32)
    last = len(audio) - 3
    for i in range(len(positions)):
        k = math.floor(positions[i])
        if k < 1 or k > last:
            continue
        f = positions[i] - k
        a, b, c, d = audio[k - 1], audio[k], audio[k + 1], audio[k + 2]
        slope = 0.5 * (c - a)
        e = b - c
        w = slope + e
        q = w + e + 0.5 * (d - b)
        output[i] = ((q * f - (w + q)) * f + slope) * f + b
    return output


@numba.njit(cache=True, nogil=True)
def ramped(gains: np.ndarray, n_block: int, n_samples: int) -> np.ndarray:
    """Straight lines between gains `n_block` samples apart, the last one held, float32 [samples]."""
    output = np.empty(n_samples, np.float32)
    last = len(gains) - 1
    for i in range(n_samples):
        k = i // n_block
        share = (i - k * n_block) / n_block
        output[i] = (1.0 - share) * gains[min(k, last)] + share * gains[min(k + 1, last)]
    return output
