"""Band-limited raw material: decaying partials, shaped noise, and where they go in a stereo track.

All of it is defined in seconds and hertz, so a song sounds the same at every sample rate, and
nothing is ever generated above the Nyquist frequency, so nothing aliases.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

HIGHEST_HZ = 18000.0
"""No partial lies above this, so that 44.1 and 48 kHz carry the same partials."""

NOISE_HZ = 20000.0
"""Noise is drawn up to here at every rate, so that the same seed is the same noise."""


def damped_partials(
    frequencies_hz: np.ndarray,
    decays_s: np.ndarray,
    amplitudes: np.ndarray,
    phases: np.ndarray,
    n_samples: int,
    sample_rate: int,
) -> np.ndarray:
    """Sum of decaying sines, sum_k a_k exp(-t / tau_k) sin(2 pi f_k t + phi_k).

    With z_k = exp((-1 / tau_k + 2 pi i f_k) / rate) and n = a B + b, z^n = (z^B)^a z^b. So the sum
    over k is one matrix product of [n / B, k] and [k, B]: no sine per sample.

    Args:
        frequencies_hz: Partials; those above 18 kHz or 0.45 of the rate are left out. [partials]
        decays_s: Time constants tau, positive. [partials]
        amplitudes: Linear. [partials]
        phases: Radians. [partials]
        n_samples: Length of the result.
        sample_rate: In Hz.

    Returns:
        float32 [n_samples].
    """
    heard = frequencies_hz < min(HIGHEST_HZ, 0.45 * sample_rate)
    exponent = (-1.0 / decays_s[heard] + 2j * np.pi * frequencies_hz[heard]) / sample_rate
    start = amplitudes[heard] * np.exp(1j * phases[heard])
    n_inner = int(np.sqrt(n_samples)) + 1
    outer = start * np.exp(np.outer(n_inner * np.arange(n_inner), exponent))
    inner = np.exp(np.outer(exponent, np.arange(n_inner)))
    # Im(outer @ inner) as one real product.
    left = np.concatenate((outer.real, outer.imag), axis=1).astype(np.float32)
    right = np.concatenate((inner.imag, inner.real), axis=0).astype(np.float32)
    return (left @ right).ravel()[:n_samples]


def shaped_noise(
    rng: np.random.Generator,
    duration_s: float,
    sample_rate: int,
    gain: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Gaussian noise with a given amplitude spectrum and an expected RMS of 1, drawn bin by bin.

    Args:
        rng: The same number of draws is taken at every sample rate.
        duration_s: Length in seconds; the noise is periodic with it.
        sample_rate: In Hz; what lies above Nyquist is left out, the rest is the same noise.
        gain: Amplitude over frequency in Hz, >= 0, not all zero. [bins] -> [bins]

    Returns:
        float32 [round(duration_s * sample_rate)].
    """
    n_samples = round(duration_s * sample_rate)
    frequencies_hz = np.arange(1, int(NOISE_HZ * duration_s) + 1) / duration_s
    weights = gain(frequencies_hz)
    draws = rng.standard_normal((2, len(weights))) * weights
    spectrum = np.zeros(n_samples // 2 + 1, np.complex64)
    n_bins = min(len(weights), (n_samples - 1) // 2)
    spectrum[1 : n_bins + 1] = (draws[0] + 1j * draws[1])[:n_bins]
    noise = np.fft.irfft(spectrum, n_samples) * (n_samples / (2.0 * np.sqrt(np.sum(weights**2))))
    return noise.astype(np.float32)


def band(low_hz: float, high_hz: float, order: int = 2) -> Callable[[np.ndarray], np.ndarray]:
    """Amplitude of a Butterworth-like band: 6 dB per octave and order beyond each edge."""

    def gain(frequencies_hz: np.ndarray) -> np.ndarray:
        below = (low_hz / frequencies_hz) ** (2 * order)
        above = (frequencies_hz / high_hz) ** (2 * order)
        return 1.0 / np.sqrt((1.0 + below) * (1.0 + above))

    return gain


def ramp_ends(sound: np.ndarray, attack_s: float, release_s: float, sample_rate: int) -> np.ndarray:
    """A copy with a raised-cosine rise at its start and fall at its end, [..., samples]."""
    n_samples = sound.shape[-1]
    envelope = np.ones(n_samples, np.float32)
    n_rise = min(n_samples, round(attack_s * sample_rate))
    n_fall = min(n_samples, round(release_s * sample_rate))
    envelope[:n_rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(n_rise) / max(1, n_rise))
    envelope[n_samples - n_fall :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(n_fall) / max(1, n_fall))
    return sound * envelope


def pan_gains(pan: float) -> np.ndarray:
    """Equal-power gains of left and right for a place from -1 (left) to 1 (right), [2, 1]."""
    angle = 0.25 * np.pi * (pan + 1.0)
    return np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)


def place(track: np.ndarray, sound: np.ndarray, start_s: float, sample_rate: int) -> None:
    """Add a sound to a track in place, cut where the track ends or before it begins.

    Args:
        track: Where to add. [channels, samples]
        sound: What to add. [channels, samples] or anything that broadcasts to it
        start_s: Where in the track the sound begins, in seconds.
        sample_rate: Of both, in Hz.
    """
    start = round(start_s * sample_rate)
    first = max(0, -start)
    last = min(sound.shape[-1], track.shape[-1] - start)
    if last > first:
        track[:, start + first : start + last] += sound[..., first:last]
