"""Constants of the causal cues at a rate and a profile: spans in bins and frames, smoothings, bands.

Times are in seconds and ranges in Hz, so that one model serves both native rates and any profile.
The figures are those of `stage` at 44.1 kHz, where the weights were trained. numpy only: the
compiled engine needs them without PyTorch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.spec import StreamSpec

CUES = (
    "peak_172hz",  # log level against its mean over +-172 Hz
    "novelty_151ms",  # log level against its mean over the last 151 ms
    "flux_35ms",  # log level against the largest of three bins 35 ms ago
    "centre_60ms",
    "centre_now",
    "phase_35ms",  # persistence of the phase step over 35 ms
    "novelty_2s",
    "peak_65hz",
    "peak_431hz",
    "novelty_46ms",
    "novelty_464ms",
    "flux_12ms",
    "centre_500ms",
    "coherence_100ms",
    "level",
    "onset_wide",  # mean flux over +-1.3 kHz
    "onset_all",  # mean flux over all bins
    "onset_held",  # onset_wide, decaying in 80 ms
    "phase_12ms",
    "panning_100ms",
)
"""Names of the features of a bin, in the order of their axis."""

BAND_CUES = ("novelty_4s", "side", "peak_172hz", "novelty_151ms", "phase_35ms")
"""Names of the inputs of a band, in the order of their axis; none depends on the long-term spectrum."""

N_BANDS = 64
"""Triangular bands."""

N_BAND_INPUTS = N_BANDS * len(BAND_CUES)
"""Inputs of all bands together."""

FLOOR = 1e-5
"""Added to powers before the logarithm: 50 dB below the running level."""

LOG_FLOOR = -5.756463
"""ln(FLOOR) / 2. Memory holds the log level above it, so that the memory of nothing is 0."""

SILENCE = 1e-13
"""Mean power of a bin below which a frame is digital silence; dither of 16 bits lies at 1e-7."""

OUTBURST = 1000.0
"""Frames louder than so many times the running level are not believed at first."""

BAND_FLOOR = 1e-7
"""Added to the powers of bands before the logarithm."""

BAND_LOG_FLOOR = -8.059048
"""ln(BAND_FLOOR) / 2. Memory holds the log level of bands above it."""

WARM = 0.033
"""Weight of the running level after 0.1 s, when there is a level to compare with."""

EPS = 1e-9
"""Added to powers that divide."""

FLUSH = 1e-20
"""Smaller memories are set to zero, so that they never become denormal."""

TIME_OF_ROW = (0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4)
"""Row of `smooth` -> which of the five time constants: two at 60 ms and at 500 ms, four at the rest."""

_BAND_STEP_HZ = 44100 / 2048
_N_EVEN_BANDS = 7
_TOP_HZ = 22050.0

_PEAK_HZ = (172.3, 64.6, 430.7)
_ONSET_HZ = 1292.0
_NOVELTY_S = (0.151, 0.046, 0.464, 2.0)
_LAGS_S = (0.0348, 0.0116)
_HOLD_S = 0.08
_BAND_MEAN_S = 4.0
_MEMORY_S = 0.5
_SMOOTHING_S = (0.06, 0.5, 0.1, 0.08, 0.05)


class CueTables(NamedTuple):
    """Constants of a stream.

    Attributes:
        n_peak: Bins on either side in the three means over frequency. [3]
        n_onset: Bins on either side in the mean of the wide onset.
        lags: Frames between a frame and the earlier one it is compared with: long, short. [2]
        novelty: Weights of the newest frame in the four means of the log level, 2 / (n + 1). [4]
        smoothing: Weights of the newest frame at 60, 500, 100, 80, 50 ms. [5]
        hold: Factor of the held onset per hop.
        band_mean: Weight of the newest frame in a band's mean.
        level: Weight of the newest frame in the running level, 3 s.
        level_fall: The same while the input is far below it, 0.75 s.
        memory: Factor of the LSTM's cell per hop, 0.5 s.
        n_patience: Frames for which an outburst is not believed, 0.2 s.
        low_band: The band below each bin's frequency; the band above is the next one. [bins]
        high_share: Share of the band above; the band below has the rest. [bins]
    """

    n_peak: tuple[int, int, int]
    n_onset: int
    lags: tuple[int, int]
    novelty: np.ndarray
    smoothing: np.ndarray
    hold: float
    band_mean: float
    level: float
    level_fall: float
    memory: float
    n_patience: int
    low_band: np.ndarray
    high_share: np.ndarray

    def interpolation(self) -> np.ndarray:
        """Share of every band in every bin, columns sum to 1. float32 [N_BANDS, bins]"""
        bins = np.arange(len(self.low_band))
        shares = np.zeros((N_BANDS, len(bins)), np.float32)
        shares[self.low_band, bins] = 1.0 - self.high_share
        shares[self.low_band + 1, bins] += self.high_share
        return shares


def band_centres_hz() -> np.ndarray:
    """Centres of the bands: steps of a bin (21.5 Hz) seven times, then a constant ratio. [N_BANDS]"""
    even = _BAND_STEP_HZ * np.arange(1, _N_EVEN_BANDS + 1)

    def grown(ratio: float) -> list[float]:
        centres = [even[-1]]
        for _ in range(N_BANDS - _N_EVEN_BANDS):
            centres.append(max(centres[-1] + _BAND_STEP_HZ, centres[-1] * ratio))
        return centres[1:]

    smallest, largest = 1.0, 2.0
    for _ in range(60):
        ratio = (smallest + largest) / 2
        smallest, largest = (smallest, ratio) if grown(ratio)[-1] > _TOP_HZ else (ratio, largest)
    centres = np.concatenate([even, grown(smallest)])
    centres[-1] = _TOP_HZ
    return centres


def cue_tables(spec: StreamSpec) -> CueTables:
    """Constants of the cues for a stream."""
    bin_hz, hop_s = spec.sample_rate / spec.profile.n_fft, spec.hop_s

    def bins(span_hz: float) -> int:
        return max(1, round(span_hz / bin_hz))

    def weight(time_s: float) -> float:
        return float(1.0 - np.exp(-hop_s / time_s))

    centres = band_centres_hz()
    frequency = np.clip(np.arange(spec.profile.n_bins) * bin_hz, centres[0], centres[-1])
    low = np.clip(np.searchsorted(centres, frequency, side="right") - 1, 0, N_BANDS - 2)
    share = (frequency - centres[low]) / (centres[low + 1] - centres[low])
    n_past = [max(2, round(s / hop_s)) for s in _NOVELTY_S]
    return CueTables(
        n_peak=(bins(_PEAK_HZ[0]), bins(_PEAK_HZ[1]), bins(_PEAK_HZ[2])),
        n_onset=bins(_ONSET_HZ),
        lags=(max(1, round(_LAGS_S[0] / hop_s)), max(1, round(_LAGS_S[1] / hop_s))),
        novelty=np.array([2.0 / (n + 1.0) for n in n_past], np.float32),
        smoothing=np.array([weight(s) for s in _SMOOTHING_S], np.float32),
        hold=float(np.exp(-hop_s / _HOLD_S)),
        band_mean=weight(_BAND_MEAN_S),
        level=weight(3.0),
        level_fall=weight(0.75),
        memory=float(np.exp(-hop_s / _MEMORY_S)),
        n_patience=max(1, round(0.2 / hop_s)),
        low_band=low.astype(np.int64),
        high_share=share.astype(np.float32),
    )


def band_averages(shares: np.ndarray) -> np.ndarray:
    """Weights that average bins into bands, rows sum to 1. [N_BANDS, bins] -> same shape"""
    return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)
