"""A click that is found again to the sample: in noise, at any level, with either polarity.

It is a maximum-length sequence: 2^k - 1 values of +1 and -1 whose circular correlation with itself is one
peak and -1 everywhere else. It has the energy of thousands of loud samples at the loudness of a quiet
one: correlating what came back with what was sent raises it 10 log10(2^k - 1) dB above noise of any kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ORDER = 14
"""2^14 - 1 samples: 0.37 s at 44.1 kHz, 42 dB above noise."""

_TAPS = (14, 13, 12, 2)
"""Of a primitive polynomial of that order."""

THRESHOLD = 8.0
"""A peak is a click from so many standard deviations of the correlation on; of a million values of noise
the largest is at 5.
"""

LEAST_LIKENESS = 0.03
"""Correlation coefficient over the whole recording; 20 dB below noise a click has 0.05."""

_STANDS_OUT = 4.0
"""Frequencies of a recording are taken down to so many times the median magnitude."""

_MEDIAN_OF_GAUSSIAN = 0.6745
"""Median of the magnitude, for a standard deviation of 1."""


@dataclass(frozen=True)
class FoundClick:
    """Where a click begins in a recording.

    Attributes:
        delay_samples: Index of its first sample.
        is_inverted: Whether its polarity is turned round.
    """

    delay_samples: int
    is_inverted: bool


def make_click() -> np.ndarray:
    """The click at full scale: float32 [2^ORDER - 1], each +1 or -1."""
    n, register = (1 << ORDER) - 1, 1
    signs = np.empty(n, np.float32)
    for i in range(n):
        signs[i] = 1.0 if register & 1 else -1.0
        parity = 0
        for tap in _TAPS:
            parity ^= register >> (ORDER - tap)
        register = register >> 1 | (parity & 1) << (ORDER - 1)
    return signs


def find_click(recording: np.ndarray, click: np.ndarray) -> FoundClick | None:
    """Where the click begins; None where it is not.

    Args:
        recording: float [n], longer than the click; a click that is cut off at its end does not count.
        click: float [m], as it was sent.

    Latency: none, offline. Thread: any. Allocates: yes. In place: no.
    """
    recording, click = recording.astype(np.float64), click.astype(np.float64)
    n_lags = len(recording) - len(click) + 1
    size = 1 << (len(recording) - 1).bit_length()
    spectrum = np.fft.rfft(recording, size)
    magnitudes = np.abs(spectrum)
    # The click's own spectrum is flat: what stands out is hum, or a voice.
    most = _STANDS_OUT * np.median(magnitudes)
    spectrum *= most / np.maximum(magnitudes, most + np.finfo(np.float64).tiny)
    # Circular, but only those lags are kept at which the whole click lies in the recording.
    correlation = np.fft.irfft(spectrum * np.fft.rfft(click, size).conj(), size)[:n_lags]
    heights = np.abs(correlation)
    peak = int(heights.argmax())
    # The median does not see the click itself, nor what a room adds to it.
    deviation = float(np.median(heights)) / _MEDIAN_OF_GAUSSIAN
    # A crackle in digital silence leaves most lags empty; against its energy it is not like a click.
    energy = 2.0 / size * float(np.vdot(spectrum, spectrum).real)
    least = LEAST_LIKENESS * np.sqrt(energy * len(click))
    if heights[peak] <= max(THRESHOLD * deviation, least):
        return None
    return FoundClick(peak, bool(correlation[peak] < 0.0))
