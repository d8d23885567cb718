"""How the pitch of a voice moves."""

import numpy as np
import pytest

from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.voices.contour import (
    FRAME_S,
    ROUGH,
    SPOKEN,
    TUNED,
    Manner,
    pitch_contour,
    random_manner,
)

PHRASE = [Note(1.0, 0.5, 60.0, 1.0), Note(1.5, 0.5, 64.0, 1.0), Note(2.0, 1.0, 62.0, 1.0)]
HELD = [Note(0.0, 3.0, 60.0, 1.0)]
STRAIGHT = Manner(vibrato=0.0, scoop_chance=0.0, drift=0.0)


def test_contour_reaches_every_note_and_glides_between(rng):
    for _ in range(20):
        pitch = pitch_contour(PHRASE, 200, rng)
        for note in PHRASE:
            middle = round((note.start_s - 1.0 + 0.7 * note.duration_s) / FRAME_S)
            assert pitch[middle] == pytest.approx(note.pitch, abs=1.1)
        assert np.abs(np.diff(pitch)).max() < 3.0


def test_vibrato_sets_in_late_with_its_rate_and_depth(rng):
    manner = Manner(vibrato_hz=5.6, vibrato=0.4, vibrato_delay_s=0.3, scoop_chance=0.0, drift=0.0)
    for _ in range(10):
        pitch = pitch_contour(HELD, 300, rng, manner)[:280]
        assert np.abs(pitch[:30] - 60.0).max() < 0.02
        grown = pitch[70:] - 60.0
        spectrum = np.abs(np.fft.rfft(grown * np.hanning(len(grown)), 1 << 13))
        assert np.argmax(spectrum) / (FRAME_S * (1 << 13)) == pytest.approx(5.6, abs=0.4)
        assert grown.max() == pytest.approx(0.4, abs=0.03)
    short = [Note(k * 0.2, 0.2, 60.0, 1.0) for k in range(5)]
    steady = pitch_contour(short, 85, rng, manner)
    assert np.abs(steady - 60.0).max() < 0.02


def test_scoops_come_from_below_and_not_on_slurred_notes(rng):
    manner = Manner(vibrato=0.0, scoop_chance=1.0, drift=0.0)
    starts = [pitch_contour(HELD, 250, rng, manner)[0] - 60.0 for _ in range(20)]
    assert min(starts) > -2.3
    assert max(starts) < -0.5
    run = [HELD[0]._replace(duration_s=0.5), Note(0.5, 0.5, 62.0, 1.0, is_slurred=True)]
    for _ in range(10):
        assert pitch_contour(run, 95, rng, manner)[52:80].min() > 60.0


def test_a_machine_corrects_to_steps(rng):
    assert set(pitch_contour(PHRASE, 200, rng, Manner(contour=TUNED))) == {60.0, 62.0, 64.0}


def test_speech_stays_near_its_pitch_and_sinks(rng):
    line = [Note(0.15 * k, 0.14, 50.0 + (k % 4 == 0), 1.0) for k in range(16)]
    for _ in range(20):
        pitch = pitch_contour(line, 240, rng, Manner(contour=SPOKEN))
        assert np.ptp(pitch) < 7.0
        assert pitch[-80:].mean() < pitch[:80].mean()


def test_screams_are_unsteady_from_frame_to_frame(rng):
    rough = pitch_contour(HELD, 280, rng, Manner(contour=ROUGH))
    assert np.std(np.diff(rough)) > 0.25
    assert np.median(rough[:200]) == pytest.approx(60.0, abs=1.5)


def test_singers_differ(rng):
    singers = [random_manner(rng) for _ in range(50)]
    assert np.ptp([singer.vibrato_hz for singer in singers]) > 1.0
    assert min(singer.vibrato for singer in singers) < 0.08
    assert np.ptp(pitch_contour(HELD, 200, rng, STRAIGHT)[:180]) < 1e-9
