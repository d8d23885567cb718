"""The vocoder: the carrier's pitch, the voice's words."""

import numpy as np
import pytest

from streamsep_offline.maker.dynamics import active_rms
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.voices.vocoder import chords, vocode


def test_it_speaks_when_the_voice_does_on_the_carriers_partials(rng):
    n = 2 * SAMPLE_RATE_HZ
    time_s = np.arange(n) / SAMPLE_RATE_HZ
    carrier = sum(np.sin(2 * np.pi * 110.0 * k * time_s) / k for k in range(1, 60))
    voice = rng.standard_normal(n) * (time_s < 1.0)
    y = vocode(voice.astype(np.float32), carrier.astype(np.float32), 24)
    assert len(y) == n
    assert active_rms(y) == pytest.approx(1.0, rel=0.05)
    assert np.square(y[50000:]).sum() < 0.01 * np.square(y[:44100]).sum()
    power = np.abs(np.fft.rfft(y[4000:40000] * np.hanning(36000))) ** 2
    hz = np.fft.rfftfreq(36000, 1 / SAMPLE_RATE_HZ)
    is_partial = np.abs(hz / 110.0 - np.round(hz / 110.0)) * 110.0 < 20.0
    heard = (hz > 100) & (hz < 4000)
    assert power[heard & is_partial].sum() > 0.9 * power[heard].sum()


def test_a_low_voice_opens_low_bands_only(rng):
    n = SAMPLE_RATE_HZ
    carrier = rng.standard_normal(n).astype(np.float32)
    time_s = np.arange(n) / SAMPLE_RATE_HZ
    voice = np.sin(2 * np.pi * 400.0 * time_s).astype(np.float32)
    power = np.abs(np.fft.rfft(vocode(voice, carrier, 20))) ** 2
    assert power[200:700].sum() > 0.9 * power.sum()


def test_the_carrier_sounds_where_vocals_may(make_take, rng):
    plan = make_take("house", 10.0).plan
    y = chords(plan, rng)
    assert y.shape == (plan.n_samples,)
    assert np.isfinite(y).all()
