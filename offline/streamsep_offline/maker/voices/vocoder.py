"""The vocoder: a synthesiser's chords that speak, band by band as loud as the voice."""

from __future__ import annotations

import numpy as np
from scipy import signal

from streamsep_offline.maker import synth
from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.harmony import close_voicing
from streamsep_offline.maker.kernels import SAW
from streamsep_offline.maker.lines import held_chords
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.plan import Plan

_N_FFT, _N_HOP = 1024, 256
_LOWEST_HZ, _HIGHEST_HZ = 90.0, 12000.0


def _bands(n_bands: int) -> np.ndarray:
    """Which share of each bin belongs to which band, triangles on a logarithmic scale."""
    hz = np.fft.rfftfreq(_N_FFT, 1.0 / SAMPLE_RATE_HZ)
    place = np.log(np.maximum(hz, 1.0) / _LOWEST_HZ) / np.log(_HIGHEST_HZ / _LOWEST_HZ)
    distance = np.abs(place * (n_bands - 1) - np.arange(n_bands)[:, None])
    return np.clip(1.0 - distance, 0.0, 1.0)


def vocode(voice: np.ndarray, carrier: np.ndarray, n_bands: int) -> np.ndarray:
    """`carrier` with the voice's loudness in each of `n_bands` bands, unit level, [samples].

    Args:
        voice: Mono. [samples]
        carrier: What shall speak, rich in partials. [samples]
        n_bands: 8 (a robot) to 32 (clear words).
    """
    overlap = _N_FFT - _N_HOP
    spectra = [signal.stft(x, SAMPLE_RATE_HZ, "hann", _N_FFT, overlap)[2] for x in (voice, carrier)]
    bands = _bands(n_bands).astype(np.float32)
    voice_power, carrier_power = (bands @ np.square(np.abs(s)).astype(np.float32) for s in spectra)
    floor = 1e-3 * carrier_power.max() + 1e-12
    gain = np.sqrt(voice_power / (carrier_power + floor))
    shaped = spectra[1] * (bands.T @ gain)
    _, audio = signal.istft(shaped, SAMPLE_RATE_HZ, "hann", _N_FFT, overlap)
    return to_unit_active_rms(audio[: len(voice)].astype(np.float32))


def chords(plan: Plan, rng: np.random.Generator) -> np.ndarray:
    """A carrier: the song's chords on bright saws with a little noise, mono, [samples]."""
    low = int(rng.integers(45, 58))
    notes = held_chords(plan, lambda chord: close_voicing(chord, low), part="vocals")
    patch = synth.Patch(
        SAW, synth.spread(rng, 2, rng.uniform(4.0, 15.0)), cutoff_hz=14000.0, release_s=0.05
    )
    tone = to_unit_active_rms(synth.render(notes, patch, plan.n_samples, rng))
    return tone + np.float32(0.08) * rng.standard_normal(plan.n_samples, dtype=np.float32)
