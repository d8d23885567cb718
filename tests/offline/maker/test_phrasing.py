"""Glides, scoops, vibrato and falls, and the notes of a line as they sound."""

import itertools

import numpy as np
import pytest
import soundfile as sf

from streamsep_offline.maker import gm, sampler
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note, pitch_to_hz
from streamsep_offline.maker.phrasing import BLOCK, Expression, bends, is_tied, pitch_curve
from streamsep_offline.maker.studio import Studio

PLAIN = Expression(vibrato=0.0, glide_chance=0.0, scoop_chance=0.0, fall_chance=0.0)
NOTE = Note(1.0, 1.2, 60.0, 0.9)
N_BLOCKS = int(1.2 * SAMPLE_RATE_HZ / BLOCK)


def at(curve, seconds):
    return curve[int(seconds * SAMPLE_RATE_HZ / BLOCK)]


def test_a_plain_note_is_straight(rng):
    assert not pitch_curve(NOTE, None, True, PLAIN, N_BLOCKS, rng).any()


def test_vibrato_sets_in_late_at_its_rate(rng):
    habits = Expression(vibrato_hz=5.5, vibrato=0.4, glide_chance=0, scoop_chance=0, fall_chance=0)
    curve = pitch_curve(NOTE, None, False, habits, N_BLOCKS, rng)
    assert not curve[: int(0.24 * SAMPLE_RATE_HZ / BLOCK)].any()
    grown = curve[int(0.6 * SAMPLE_RATE_HZ / BLOCK) :]
    crossings = np.count_nonzero(np.diff(np.sign(grown - grown.mean())) > 0)
    assert crossings / 0.6 == pytest.approx(5.5, abs=1.7)
    assert 0.15 < grown.max() < 0.6
    up = Expression(vibrato=0.4, glide_chance=0, scoop_chance=0, fall_chance=0, is_only_up=True)
    assert pitch_curve(NOTE, None, False, up, N_BLOCKS, rng).min() >= 0.0


def test_scoops_come_from_below_glides_from_the_note_before_falls_go_down(rng):
    scooped = Expression(vibrato=0, glide_chance=0, scoop_chance=1, scoop=2.0, fall_chance=0)
    curve = pitch_curve(NOTE, None, False, scooped, N_BLOCKS, rng)
    assert -2.5 < curve[0] < -0.9
    assert at(curve, 0.4) == pytest.approx(0.0, abs=1e-9)
    before = Note(0.4, 0.58, 67.0, 0.9)
    assert is_tied(before, NOTE)
    gliding = Expression(vibrato=0, glide_chance=1, scoop_chance=0, fall_chance=0)
    curve = pitch_curve(NOTE, before, False, gliding, N_BLOCKS, rng)
    assert curve[0] == pytest.approx(7.0, abs=0.05)
    assert at(curve, 0.2) == pytest.approx(0.0, abs=1e-9)
    far = Note(0.0, 0.5, 67.0, 0.9)
    assert not pitch_curve(NOTE, far, False, gliding, N_BLOCKS, rng).any()
    falling = Expression(vibrato=0, glide_chance=0, scoop_chance=0, fall_chance=1, fall=5.0)
    curve = pitch_curve(NOTE, None, True, falling, N_BLOCKS, rng)
    assert at(curve, 0.5) == 0.0
    assert curve[-1] < -3.0
    assert not pitch_curve(NOTE, None, False, falling, N_BLOCKS, rng).any()


def test_short_recordings_of_blown_notes_are_prolonged_without_a_seam(tmp_path, track_pitch, rng):
    folder = tmp_path / "sax/weresax"
    folder.mkdir(parents=True)
    time_s = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    x = sum(np.sin(2 * np.pi * 220.0 * k * time_s + k) / k for k in range(1, 8))
    sf.write(folder / "alto_a2_f_rr1.wav", 0.2 * x, SAMPLE_RATE_HZ)
    (folder / "alto_a2_f_rr1.wav").rename(folder / "alto_a2_f_rr1.ogg")  # a name of the library
    notes = [Note(0.1, 2.5, 57.0, 0.9), Note(2.6, 1.0, 59.0, 0.9)]
    y = sampler.play_line(Studio(tmp_path), "weresax", notes, 4 * SAMPLE_RATE_HZ, PLAIN, rng)
    pitch = track_pitch(y)
    np.testing.assert_allclose(pitch[20:250], 57.0, atol=0.1)
    np.testing.assert_allclose(pitch[270:350], 59.0, atol=0.1)
    level = np.sqrt(np.square(y[8820:105840]).reshape(-1, 441).mean(axis=1))
    assert level.max() < 1.2 * level.min()
    # a seam would be a jump: compare with the steepest place of the recording
    steepest = np.abs(np.diff(0.2 * x)).max() / np.abs(0.2 * x).max()
    assert np.abs(np.diff(y[8820:105840])).max() < 1.3 * steepest


@pytest.mark.parametrize("name", ["bear", "weresax"])
def test_saxophones_hold_long_notes_in_tune(audio_folder, name, track_pitch, rng):
    notes = [Note(0.1, 2.0, 57.0, 0.7), Note(2.1, 1.5, 62.0, 0.7)]
    y = sampler.play_line(Studio(audio_folder), name, notes, 4 * SAMPLE_RATE_HZ, PLAIN, rng)
    pitch = track_pitch(y)
    assert np.nanmedian(pitch[60:200]) == pytest.approx(57.0, abs=0.5)
    assert np.nanmedian(pitch[250:350]) == pytest.approx(62.0, abs=0.5)
    late, early = (np.square(y[int(s * 44100) :][:8820]).mean() for s in (1.8, 0.4))
    assert 10 * np.log10(late / early) > -14.0


@pytest.mark.skipif(not gm.is_available(), reason="FluidSynth or its font is missing")
def test_general_midi_follows_the_wheel(track_pitch, rng):
    notes = [Note(0.1, 1.0, 60.0, 0.9), Note(1.1, 1.0, 67.0, 0.9)]
    habits = Expression(vibrato=0, glide_chance=1, glide_s=0.15, scoop_chance=0, fall_chance=0)
    moves = bends(notes, habits, rng)
    assert all(b[0] >= a[0] for a, b in itertools.pairwise(moves))
    y = gm.render(notes, 80, 3 * SAMPLE_RATE_HZ, bends=moves).mean(axis=0)
    pitch = track_pitch(y)
    assert np.nanmedian(pitch[30:90]) == pytest.approx(60.0, abs=0.2)
    assert np.nanmedian(pitch[140:190]) == pytest.approx(67.0, abs=0.2)
    assert pitch_to_hz(60) < 300
