"""Loudspeaker cabinets and the microphone in front of them, as impulse responses made of physics.

A cone's resonance, the dip of the box, the presence peak of a 12-inch speaker, its break-up modes,
the steep fall above 5 kHz, the treble that is lost beside the cone's middle, the floor's
reflection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft, signal

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ

_N_FFT = 4096
_N_RESPONSE = 1536


@dataclass(frozen=True)
class Cabinet:
    """A loudspeaker in its box.

    Attributes:
        resonance_hz: Of the cone in the box; below, the sound falls by 12 dB per octave.
        resonance_db: Its height.
        dip_hz: The box's hole in the lower middle.
        dip_db: Its depth, positive.
        presence_hz: Where the cone starts to break up.
        presence_db: How loud it is there.
        fall_hz: Where the treble ends; 36 dB per octave above.
        modes: Break-up modes: (Hz, dB, Q).
    """

    resonance_hz: float
    resonance_db: float
    dip_hz: float
    dip_db: float
    presence_hz: float
    presence_db: float
    fall_hz: float
    modes: tuple[tuple[float, float, float], ...]


def random_cabinet(rng: np.random.Generator) -> Cabinet:
    """A cabinet between a small open combo and a closed box of four."""
    modes = tuple(
        (float(np.exp(rng.uniform(np.log(900.0), np.log(6500.0)))), rng.normal(0.0, 3.0), q)
        for q in rng.uniform(4.0, 14.0, 9)
    )
    return Cabinet(
        resonance_hz=rng.uniform(70.0, 125.0),
        resonance_db=rng.uniform(1.0, 6.0),
        dip_hz=rng.uniform(320.0, 600.0),
        dip_db=rng.uniform(1.0, 6.0),
        presence_hz=rng.uniform(1900.0, 3400.0),
        presence_db=rng.uniform(3.0, 9.0),
        fall_hz=rng.uniform(4200.0, 6000.0),
        modes=modes,
    )


def _bell_db(hz: np.ndarray, centre_hz: float, gain_db: float, q: float) -> np.ndarray:
    octaves = np.log2(np.maximum(hz, 1.0) / centre_hz)
    return gain_db * np.exp(-np.square(octaves * q * 1.4))


def response(cabinet: Cabinet, off_axis: float, distance: float, floor_s: float) -> np.ndarray:
    """Minimum-phase impulse response with the floor's reflection, unit energy, [samples].

    Args:
        cabinet: The loudspeaker.
        off_axis: 0: the microphone looks at the cone's middle, 1: at its edge, duller.
        distance: 0: at the cloth, fat; 1: a metre away, thin and with more of the floor.
        floor_s: Delay of the floor's reflection.
    """
    hz = np.arange(_N_FFT // 2 + 1) * SAMPLE_RATE_HZ / _N_FFT
    level_db = -10.0 * np.log10(1.0 + (cabinet.resonance_hz / np.maximum(hz, 1.0)) ** 4)
    level_db -= 10.0 * np.log10(1.0 + (hz / cabinet.fall_hz) ** 12)
    level_db += _bell_db(hz, cabinet.resonance_hz * 1.1, cabinet.resonance_db, 1.5)
    level_db -= _bell_db(hz, cabinet.dip_hz, cabinet.dip_db, 1.0)
    level_db += _bell_db(hz, cabinet.presence_hz, cabinet.presence_db, 1.0)
    for centre_hz, gain_db, q in cabinet.modes:
        level_db += _bell_db(hz, centre_hz, gain_db, q)
    level_db -= off_axis * 5.0 * np.log10(1.0 + (hz / 1300.0) ** 2)
    level_db += (1.0 - distance) * 3.0 / (1.0 + (hz / 180.0) ** 2)
    log_level = np.maximum(level_db, -100.0) * (np.log(10.0) / 20.0)
    cepstrum = fft.irfft(log_level)
    fold = np.zeros(_N_FFT)
    fold[0], fold[1 : _N_FFT // 2], fold[_N_FFT // 2] = 1.0, 2.0, 1.0
    direct = fft.irfft(np.exp(fft.rfft(cepstrum * fold)))[:_N_RESPONSE]
    late = round(floor_s * SAMPLE_RATE_HZ)
    gain = 0.1 + 0.25 * distance
    direct[late:] += gain * signal.lfilter([0.5], [1.0, -0.5], direct[: _N_RESPONSE - late])
    direct *= np.linspace(1.0, 0.0, _N_RESPONSE)
    return (direct / np.sqrt(np.sum(np.square(direct)))).astype(np.float32)


def random_response(cabinet: Cabinet, rng: np.random.Generator) -> np.ndarray:
    """A cabinet heard by a microphone somewhere, see `response`."""
    return response(
        cabinet, rng.uniform(0.0, 1.0), rng.uniform(0.0, 1.0) ** 2, rng.uniform(0.001, 0.007)
    )
