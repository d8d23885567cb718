"""Where a part stands in the stereo picture: panning, width, chorus, echo, reverberation.

Mono audio is [samples], stereo [2, samples], float32; nothing here modifies its arguments.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from streamsep_offline.maker.filters import low_pass
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.shaping import read_at


def pan(mono: np.ndarray, position: float) -> np.ndarray:
    """Equal-power panning; -1 is left, 1 right; in the middle each channel equals the input."""
    angle = (position + 1.0) * np.pi / 4.0
    gains = np.sqrt(2.0) * np.array([np.cos(angle), np.sin(angle)])
    return gains.astype(np.float32)[:, None] * mono.astype(np.float32, copy=False)


def delayed(audio: np.ndarray, n_samples: int) -> np.ndarray:
    """`audio` later by `n_samples`, same length."""
    output = np.zeros_like(audio)
    if 0 < n_samples < audio.shape[-1]:
        output[..., n_samples:] = audio[..., :-n_samples]
    return audio.copy() if n_samples == 0 else output


def widen(stereo: np.ndarray, side: np.ndarray, delay_s: float, gain: float) -> np.ndarray:
    """`stereo` plus a delayed mono signal in opposite phase: wide, and gone when summed to mono."""
    late = gain * delayed(side, to_samples(delay_s))
    return stereo + np.stack([late, -late])


def chorus(
    stereo: np.ndarray, mono: np.ndarray, rng: np.random.Generator, gain: float
) -> np.ndarray:
    """`stereo` plus a copy of `mono` whose delay swings, in opposite phase left and right."""
    n = mono.shape[-1]
    time = np.arange(n)
    swing = np.sin(2.0 * np.pi * rng.uniform(0.2, 1.0) * time / SAMPLE_RATE_HZ)
    source = time - to_samples(rng.uniform(0.008, 0.02)) + 0.002 * SAMPLE_RATE_HZ * swing
    late = gain * read_at(mono.astype(np.float32, copy=False), source)
    return (stereo + np.stack([late, -late])).astype(np.float32)


def set_width(stereo: np.ndarray, width: float) -> np.ndarray:
    """Side scaled by `width`: 0 is mono, 1 leaves as it is."""
    middle = stereo.mean(axis=0, keepdims=True)
    return (middle + width * (stereo - middle)).astype(np.float32)


def echo(
    stereo: np.ndarray, rng: np.random.Generator, beat_s: float, feedback: float
) -> np.ndarray:
    """`stereo` plus four repeats at a musical interval, each darker, sometimes left and right."""
    n_delay = to_samples(beat_s * rng.choice([0.5, 0.75, 0.75, 1.0, 1.0 / 3.0]))
    is_ping_pong = rng.random() < 0.5
    corner_hz = rng.uniform(2000.0, 9000.0)
    output, repeat = stereo.copy(), stereo
    for k in range(1, 5):
        repeat = feedback * low_pass(delayed(repeat, n_delay), corner_hz, order=1)
        sides = np.array([[1.3], [0.3]] if k % 2 else [[0.3], [1.3]]) if is_ping_pong else 1.0
        output += (sides * repeat).astype(np.float32)
    return output


def convolved(audio: np.ndarray, response: np.ndarray) -> np.ndarray:
    """`audio` in an impulse response, each mono or stereo, cut to the length of `audio`."""
    rows, responses = (np.atleast_2d(x).astype(np.float32, copy=False) for x in (audio, response))
    wet = signal.oaconvolve(rows, responses, axes=-1)[:, : audio.shape[-1]].astype(np.float32)
    return wet[0] if audio.ndim == response.ndim == 1 else wet


def reverberate(
    audio: np.ndarray,
    rng: np.random.Generator,
    t60_s: float,
    wet_db: float,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
) -> np.ndarray:
    """Stereo `audio` plus a room: exponentially decaying noise, left and right independent.

    Args:
        audio: Mono or stereo.
        rng: Draws the room.
        t60_s: Time in which the room's sound falls by 60 dB.
        wet_db: Energy of the room's response against the direct sound.
        sample_rate_hz: Of the audio.
    """
    n_room, n_early = (round(s * sample_rate_hz) for s in (t60_s, rng.uniform(0.0, 0.02)))
    time_s = np.arange(n_room) / sample_rate_hz
    noise = rng.standard_normal((2, n_room), dtype=np.float32)
    room = noise * np.exp(-6.9 * time_s / t60_s).astype(np.float32)
    room = signal.lfilter([1.0], [1.0, -rng.uniform(0.2, 0.7)], room, axis=-1)
    room /= np.sqrt(np.square(room).sum(axis=-1, keepdims=True))
    room = np.concatenate([np.zeros((2, n_early + 1)), room], axis=1).astype(np.float32)
    wet = convolved(audio, room)
    dry = audio if audio.ndim == 2 else np.stack([audio, audio])
    return (dry + 10.0 ** (wet_db / 20.0) * wet).astype(np.float32)
