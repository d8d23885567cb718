"""Screams, breaths and whispers against a clean voice."""

import numpy as np
import pytest

from streamsep_offline.maker.dynamics import active_rms, to_unit_active_rms
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note
from streamsep_offline.maker.voices.contour import ROUGH, Manner
from streamsep_offline.maker.voices.formant import sing_formants
from streamsep_offline.maker.voices.harsh import breaths, torn
from streamsep_offline.maker.voices.world import Colour, analyse, resynthesise, world

needs_world = pytest.mark.skipif(world() is None, reason="pyworld is not installed")


@pytest.fixture(scope="module")
def voice():
    rng = np.random.default_rng(1)
    return sing_formants([[Note(0.0, 1.5, 55.0, 1.0)]], 3 * SAMPLE_RATE_HZ // 2, rng)


def flatness(x):
    """Geometric over arithmetic mean of the power between 300 Hz and 6 kHz: 1 is noise."""
    frames = x[: len(x) // 4096 * 4096].reshape(-1, 4096) * np.hanning(4096)
    frames = frames[np.square(frames).sum(axis=1) > 1e-3]
    power = np.abs(np.fft.rfft(frames, axis=1))[:, 28:557] ** 2 + 1e-12
    return np.mean(np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1))


@needs_world
def test_a_growl_is_noisier_denser_and_no_louder(voice, rng):
    frames = analyse(voice)[10:120]
    pitch = np.full(len(frames), 45.0)
    clean = resynthesise(frames, pitch, Colour(swell_db=0.0), rng)
    rough = resynthesise(frames, pitch, Colour(swell_db=0.0), rng, Manner(ROUGH, roughness=0.6))
    assert flatness(rough) > 1.5 * flatness(clean)
    growl = torn(rough, rng, 1.0)
    assert active_rms(growl) == pytest.approx(1.0, rel=0.02)
    assert abs(growl.mean()) < 0.01

    def crest(x):
        return np.abs(x).max() / active_rms(x)

    assert crest(growl) < crest(rough)


@needs_world
def test_a_whisper_has_no_pitch_but_the_vowel(voice, rng):
    frames = analyse(voice)[10:120]
    pitch = np.full(len(frames), 55.0)
    sung = resynthesise(frames, pitch, Colour(swell_db=0.0), rng)
    whispered = resynthesise(frames, pitch, Colour(swell_db=0.0), rng, Manner(is_whispered=True))
    again = analyse(to_unit_active_rms(whispered))
    assert np.isfinite(again[:, 0]).mean() < 0.35
    envelopes = [
        np.convolve(
            np.log(np.abs(np.fft.rfft(x, 1 << 15))[:3000] + 1e-9), np.ones(200) / 200, "valid"
        )
        for x in (sung, whispered)
    ]
    assert np.corrcoef(envelopes)[0, 1] > 0.7


@needs_world
def test_shouting_is_brighter(voice, rng):
    frames = analyse(voice)[10:120]
    pitch = np.full(len(frames), 60.0)

    def treble(tilt_db):
        y = resynthesise(frames, pitch, Colour(swell_db=0.0), rng, Manner(tilt_db=tilt_db))
        power = np.abs(np.fft.rfft(y)) ** 2
        hz = np.fft.rfftfreq(len(y), 1 / SAMPLE_RATE_HZ)
        return 10 * np.log10(power[hz > 2000].sum() / power[hz < 1000].sum())

    assert treble(4.0) > treble(0.0) + 3.0 > treble(-3.0) + 5.0


def test_breaths_come_just_before_phrases_and_are_soft(rng):
    y = breaths([0.1, 2.0, 4.0], 5 * SAMPLE_RATE_HZ, rng)
    assert not y[: int(1.4 * SAMPLE_RATE_HZ)].any()  # no time before the first
    for start_s in (2.0, 4.0):
        before = y[int((start_s - 0.5) * SAMPLE_RATE_HZ) : int(start_s * SAMPLE_RATE_HZ)]
        assert before.any()
        assert np.sqrt(np.mean(before**2)) < 0.15
        assert not y[int(start_s * SAMPLE_RATE_HZ) :][: SAMPLE_RATE_HZ // 2].any()
