"""The voice's filter: a vocal tract whose formants move, applied frame by frame.

Each formant is a pair of poles, 1 / (1 - (f / F)^2 + i f B / F^2), in cascade, so the relative
levels of the formants follow from their frequencies as in a real tube. The glottis adds its own low
resonance near the pitch and a fall towards high frequencies. Frames overlap by three quarters under
Hann windows.

Source: Fant, "Acoustic theory of speech production", 1960; Doval, d'Alessandro & Henrich, "The
spectrum of glottal flow models", Acta Acustica 92, 2006.
"""

from __future__ import annotations

import numpy as np

FRAME_S = 0.004
"""Distance of the frames; each is four times as long."""

TUBE_HZ, TUBE_BANDWIDTH_HZ = 1000.0, 500.0
"""Distance and width of the resonances of a tube of 17 cm; they hold above the five that move."""

GLOTTIS_RATIO = 1.7
"""Frequency of the glottis's own resonance over the pitch: more if pressed, less if soft."""

EVENNESS = 0.85
"""How far differences in level between vowels are taken back, as a compressor does; 0 to 1."""


def frame_times(n_samples: int, sample_rate: int) -> np.ndarray:
    """Times in seconds of the frames that cover a signal, [frames]."""
    hop = round(FRAME_S * sample_rate)
    return (np.arange(n_samples // hop + 5) - 1) * hop / sample_rate


def voice_response(
    formants_hz: np.ndarray, pitch_hz: np.ndarray, scale: float, fall_hz: float, bins_hz: np.ndarray
) -> np.ndarray:
    """Complex response of glottis and tract, evened in level.

    Args:
        formants_hz: The five lowest formants. [frames, 5]
        pitch_hz: The pitch, near which the glottis resonates. [frames]
        scale: Length of the tube of a man over that of the singer.
        fall_hz: Where the glottis begins to fall by 12 instead of 6 dB per octave.
        bins_hz: Where to evaluate; the first is 0. [bins]

    Returns:
        complex64 [frames, bins].
    """
    f = bins_hz.astype(np.float32)
    denominator = np.empty((len(formants_hz), len(f)), np.complex64)
    denominator[:] = (1.0 + 1j * bins_hz / fall_hz) / _tube_above_formants(bins_hz, scale)
    glottis_hz = GLOTTIS_RATIO * pitch_hz
    poles = [(hz, _bandwidth_hz(hz)) for hz in formants_hz.T] + [(glottis_hz, 1.1 * glottis_hz)]
    factor = np.empty_like(denominator)
    for pole_hz, bandwidth_hz in poles:
        np.multiply.outer(-1.0 / pole_hz.astype(np.float32) ** 2, f**2, out=factor.real)
        factor.real += 1.0
        np.multiply.outer((bandwidth_hz / pole_hz**2).astype(np.float32), f, out=factor.imag)
        denominator *= factor
    response = (1j * f).astype(np.complex64) / denominator
    response /= glottis_hz[:, np.newaxis].astype(np.float32)
    harmonics_hz = np.multiply.outer(pitch_hz, np.arange(1, 25))
    nearest = np.rint(harmonics_hz / bins_hz[1]).astype(int)
    at_harmonics = np.take_along_axis(response, np.minimum(nearest, len(f) - 1), axis=1)
    power = np.sum(np.abs(at_harmonics) ** 2, axis=1)
    response *= (power ** (-0.5 * EVENNESS)).astype(np.float32)[:, np.newaxis]
    return response


def _tube_above_formants(bins_hz: np.ndarray, scale: float) -> np.ndarray:
    """A uniform lossy tube, 1 / cosh(pi s / d), without its five lowest pole pairs: those move.

    A cascade that ends with its last formant falls by 60 dB per octave above it; a tube does not.
    """
    s = 0.5 * TUBE_BANDWIDTH_HZ + 1j * bins_hz
    distance_hz = TUBE_HZ * scale
    response: np.ndarray = 1.0 / np.cosh(np.pi * s / distance_hz)
    for number in range(5):
        response = response * (1.0 + (s / ((number + 0.5) * distance_hz)) ** 2)
    return response


def fft_length(sample_rate: int) -> int:
    """Power of two that holds a frame (16 ms) and the ringing of the narrowest formant after it."""
    return 1 << int(np.ceil(np.log2(0.04 * sample_rate)))


def filter_frames(source: np.ndarray, response: np.ndarray, sample_rate: int) -> np.ndarray:
    """The source through a filter that changes from frame to frame, same length.

    Args:
        source: [samples]
        response: One per frame of `frame_times`, bins of `fft_length`. [frames, bins]
        sample_rate: In Hz.

    Returns:
        float32 [samples].
    """
    hop, n_fft = round(FRAME_S * sample_rate), fft_length(sample_rate)
    n_frames, length = len(response), 4 * hop
    padded = np.zeros((n_frames + 3) * hop, np.float32)
    # Frame i is centred on sample (i - 1) hop: the first begins 3 hops before the signal.
    padded[3 * hop : 3 * hop + len(source)] = source
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    # Hann windows of half height: four of them overlap and add up to 1.
    window = (0.25 - 0.25 * np.cos(2.0 * np.pi * np.arange(length) / length)).astype(np.float32)
    answer = np.fft.irfft(np.fft.rfft(frames * window, n_fft) * response, n_fft)
    n_parts = -(-n_fft // hop)
    answer = np.pad(answer, ((0, 0), (0, n_parts * hop - n_fft))).astype(np.float32)
    rows = np.zeros((n_frames + n_parts, hop), np.float32)
    for part in range(n_parts):
        rows[part : part + n_frames] += answer[:, part * hop : (part + 1) * hop]
    return rows.ravel()[3 * hop : 3 * hop + len(source)]


def _bandwidth_hz(formant_hz: np.ndarray) -> np.ndarray:
    """Bandwidth of a formant: about 75 Hz at the first, 400 Hz at the fifth."""
    return 60.0 + 0.03 * formant_hz + 1.2e-5 * formant_hz**2
