"""Noise: tape hiss, hum, a ventilator, the street behind the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from streamsep_offline.augment.parts import power
from streamsep_offline.augment.piece import HeardOnly
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Noise(HeardOnly):
    """Coloured noise and mains hum under the mixture; no stem has to hold them.

    The spectrum's power falls as f^-tilt: 0 is white (hiss), 1 pink, 2 brown (rumble). Hum has six
    harmonics of 50 or 60 Hz, as loud as the noise. Channels have noise of their own, and the same hum.

    Attributes:
        chance: That noise is added.
        low_snr_db: Loudest noise: least ratio of mixture to noise, -20 to 120.
        high_snr_db: Softest noise, -20 to 120.
        low_tilt: Least tilt, -1 to 3.
        high_tilt: Largest tilt, -1 to 3.
        hum: Share of noises with hum, 0 to 1.
    """

    chance: float = number(0.1, 0.0, 1.0)
    low_snr_db: float = number(20.0, -20.0, 120.0)
    high_snr_db: float = number(60.0, -20.0, 120.0)
    low_tilt: float = number(0.0, -1.0, 3.0)
    high_tilt: float = number(2.0, -1.0, 3.0)
    hum: float = number(0.2, 0.0, 1.0)

    def hear(self, rng: np.random.Generator, mixture: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `HeardOnly`."""
        channels, n = mixture.shape
        tilt = rng.uniform(self.low_tilt, self.high_tilt)
        spectrum = fft.rfft(rng.standard_normal((channels, n), dtype=np.float32))
        frequency = np.maximum(fft.rfftfreq(n, 1.0 / sample_rate), 20.0)
        noise = fft.irfft(spectrum * (frequency ** (-0.5 * tilt)).astype(np.float32), n)
        noise = noise / np.sqrt(max(power(noise), 1e-30))
        if rng.random() < self.hum:
            noise = noise + _hum(rng, n, sample_rate)
        ratio_db = rng.uniform(self.low_snr_db, self.high_snr_db)
        scale = np.sqrt(power(mixture) / max(power(noise), 1e-30)) * 10.0 ** (-ratio_db / 20.0)
        return mixture + (scale * noise).astype(np.float32)


def _hum(rng: np.random.Generator, n: int, sample_rate: int) -> np.ndarray:
    """Six harmonics of the mains with random phases, power 1. [n]"""
    mains_hz = rng.choice([50.0, 60.0])
    phases, time_s = rng.uniform(0.0, 2.0 * np.pi, 6), np.arange(n) / sample_rate
    hum = sum(np.sin(2 * np.pi * k * mains_hz * time_s + p) / k for k, p in enumerate(phases, 1))
    return hum / np.sqrt(max(power(np.asarray(hum)), 1e-30))
