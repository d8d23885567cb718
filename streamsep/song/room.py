"""One small room for the whole band: a short stereo reverberation by FFT convolution.

The response is a few early echoes and noise that dies faster the higher it is, different left and
right. Overlap-add keeps the memory constant however long the song.

Source: Oppenheim & Schafer, "Discrete-Time Signal Processing", ch. 8.7 (block convolution).
"""

from __future__ import annotations

import numpy as np

from streamsep.song.tones import NOISE_HZ, band, shaped_noise

DURATION_S = 0.8
PRE_DELAY_S = 0.012
BANDS = ((120.0, 900.0, 0.16), (900.0, 3500.0, 0.13), (3500.0, 9000.0, 0.08))
"""Edges in Hz, time constant in seconds; the -60 dB time is 6.9 times that: about a second."""

ECHOES_S = ((0.0131, 0.0237, 0.0371), (0.0153, 0.0269, 0.0413))
"""First echoes from the walls, left and right."""

FFT_LENGTH = 1 << 17


def room_response(sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Impulse response of the room, float32 [2, samples], mean power gain about 1 at every rate."""
    n_late = round(DURATION_S * sample_rate)
    t = np.arange(n_late) / sample_rate
    late = np.zeros((2, n_late))
    for low_hz, high_hz, decay_s in BANDS:
        width = np.sqrt((high_hz - low_hz) / NOISE_HZ)
        for side in range(2):
            noise = shaped_noise(rng, DURATION_S, sample_rate, band(low_hz, high_hz))
            late[side] += width * noise * np.exp(-t / decay_s)
    response = np.zeros((2, n_late + round(PRE_DELAY_S * sample_rate)))
    response[:, -n_late:] = late
    # A sum over samples stands for an integral over time, hence the division by the rate.
    energy = np.sum(np.mean(response**2, axis=0)) / sample_rate
    response *= np.sqrt(2.0 * NOISE_HZ / energy) / sample_rate
    for side, echoes_s in enumerate(ECHOES_S):
        for order, delay_s in enumerate(echoes_s):
            response[side, round(delay_s * sample_rate)] += 0.5 * (-0.7) ** order
    return response.astype(np.float32)


def reverberate(audio: np.ndarray, response: np.ndarray) -> np.ndarray:
    """The room's answer to the mono sum of a track, cut to the track's length.

    Args:
        audio: Dry track; not modified. [2, samples]
        response: From `room_response`. [2, samples]

    Returns:
        Reverberation alone, float32 [2, samples].
    """
    n_samples, n_response = audio.shape[-1], response.shape[-1]
    n_fft = FFT_LENGTH
    while n_fft < 2 * n_response:  # at 192 kHz the response alone fills a block
        n_fft *= 2
    block = n_fft - n_response + 1
    spectrum = np.fft.rfft(response, n_fft)
    mono = audio.mean(axis=0)
    wet = np.zeros((2, n_samples), np.float32)
    for start in range(0, n_samples, block):
        answer = np.fft.irfft(np.fft.rfft(mono[start : start + block], n_fft) * spectrum, n_fft)
        stop = min(n_samples, start + n_fft)
        wet[:, start:stop] += answer[:, : stop - start]
    return wet
