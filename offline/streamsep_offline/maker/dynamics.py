"""Levels over time: loudness of what sounds, compression, saturation, side-chain ducking.

Audio is [channels, samples] or [samples], float32; nothing here modifies its arguments.
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.kernels import follow
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.shaping import ramped

BLOCK = 64
"""Samples per value of an envelope: 1.5 ms."""


def to_unit_rms(audio: np.ndarray) -> np.ndarray:
    """`audio` scaled to a root mean square of 1 over all its samples; silence stays silence."""
    # summed by numpy, not BLAS, whose sums depend on the number of threads
    rms = float(np.sqrt(np.square(audio).sum(dtype=np.float64) / audio.size))
    return (audio / rms).astype(np.float32) if rms > 1e-9 else np.zeros_like(audio)


def active_rms(audio: np.ndarray) -> float:
    """Root mean square over the tenths of a second within 20 dB of the loudest; 0.0 for silence."""
    n_block = SAMPLE_RATE_HZ // 10
    channels = np.atleast_2d(audio)[:, : audio.shape[-1] // n_block * n_block]
    blocks = channels.reshape(len(channels), -1, n_block)
    blocks = np.einsum("cbn,cbn->b", blocks, blocks) / (len(channels) * n_block)
    if not len(blocks) or blocks.max() <= 1e-18:
        return 0.0
    return float(np.sqrt(blocks[blocks > 0.01 * blocks.max()].mean()))


def to_unit_active_rms(audio: np.ndarray) -> np.ndarray:
    """`audio` scaled so that what sounds has a root mean square of 1; silence stays silence."""
    rms = active_rms(audio)
    return (audio / rms).astype(np.float32) if rms > 1e-9 else np.zeros_like(audio)


def compression_gain(
    audio: np.ndarray,
    threshold_db: float,
    ratio: float,
    attack_s: float = 0.005,
    release_s: float = 0.12,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
) -> np.ndarray:
    """Gain of a feed-forward peak compressor, linear, 0 to 1, [samples].

    Args:
        audio: What controls the gain; channels share it.
        threshold_db: Relative to the 95th percentile of the peaks: the playing level is no matter.
        ratio: Input dB per output dB above the threshold, >= 1.
        attack_s: Time constant upwards.
        release_s: Time constant downwards.
        sample_rate_hz: Of the audio.
    """
    peaks = np.abs(audio) if audio.ndim == 1 else np.abs(audio).max(axis=0)
    n_samples = len(peaks)
    n_blocks = n_samples // BLOCK
    blocks = peaks[: n_blocks * BLOCK].reshape(n_blocks, BLOCK).max(axis=1).astype(np.float64)
    reference = np.percentile(blocks, 95) + 1e-9
    poles = [np.exp(-BLOCK / sample_rate_hz / t) for t in (attack_s, release_s)]
    level_db = 20.0 * np.log10(follow(blocks, *poles) / reference + 1e-6)
    reduction_db = np.maximum(0.0, level_db - threshold_db) * (1.0 - 1.0 / ratio)
    gain = 10.0 ** (-reduction_db / 20.0)
    return ramped(gain, BLOCK, n_samples)


def compress(audio: np.ndarray, threshold_db: float, ratio: float) -> np.ndarray:
    """`audio` through a compressor, see `compression_gain`."""
    return audio * compression_gain(audio, threshold_db, ratio)


def saturate(audio: np.ndarray, drive: float) -> np.ndarray:
    """Soft clipping: tanh of `audio` scaled so that its 99.5th percentile meets tanh at `drive`."""
    peak = float(np.percentile(np.abs(audio[..., ::7]), 99.5)) + 1e-9
    return np.tanh(audio * (drive / peak)).astype(np.float32)


def ducking_gain(
    n_samples: int, times_s: list[float], depth: float, recovery_s: float
) -> np.ndarray:
    """Gain that dips at each kick and recovers: the pump of dance music, [samples].

    Args:
        n_samples: Length.
        times_s: When the kicks are.
        depth: 0 (none) to 1 (to silence).
        recovery_s: How long until the gain is back at 1.
    """
    n_dip, n_edge = to_samples(recovery_s), to_samples(0.004)
    dip = 1.0 - depth * (1.0 - np.linspace(0.0, 1.0, n_dip) ** 1.5)
    dip[:n_edge] = np.linspace(1.0, dip[n_edge], n_edge)
    gain = np.ones(n_samples, np.float32)
    for time_s in times_s:
        start = to_samples(time_s)
        if 0 <= start < n_samples:
            part = gain[start : start + n_dip]
            np.minimum(part, dip[: len(part)], out=part)
    return gain
