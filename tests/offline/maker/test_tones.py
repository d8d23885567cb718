"""Synthesised leads, horn sections and players who growl."""

import numpy as np
import pytest

from streamsep_offline.maker import leads, sections, tones
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note

LINE = [Note(0.2, 0.9, 64.0, 0.9), Note(1.1, 0.9, 67.0, 0.8), Note(2.4, 1.2, 62.0, 0.9)]
N_SAMPLES = 4 * SAMPLE_RATE_HZ


@pytest.mark.parametrize("instrument", [tones.blown, tones.bowed, tones.talking])
def test_leads_play_the_written_notes(instrument, track_pitch):
    for seed in range(4):
        y = instrument(LINE, N_SAMPLES, np.random.default_rng(seed))
        pitch = track_pitch(y)
        for note in LINE:
            start, end = (round(100 * t) for t in (note.start_s, note.start_s + note.duration_s))
            middle = np.nanmedian(pitch[start + 40 : end - 15])
            off = (middle - note.pitch + 6.0) % 12.0 - 6.0  # an octave is no matter to the tracker
            assert abs(off) < 0.35
        quiet = y[int(2.1 * SAMPLE_RATE_HZ) : int(2.35 * SAMPLE_RATE_HZ)]
        assert np.abs(quiet).max() < 0.05 * np.abs(y).max()
        assert abs(y.mean()) < 0.01


def test_no_notes_no_sound(rng):
    for instrument in (tones.blown, tones.bowed, tones.talking):
        assert not instrument([], N_SAMPLES, rng).any()


def test_a_talk_box_moves_its_formants(rng):
    held = [Note(0.0, 3.8, 45.0, 0.9)]
    y = tones.talking(held, N_SAMPLES, rng)
    frames = y[: 80 * 2048].reshape(80, 2048) * np.hanning(2048)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    hz = np.fft.rfftfreq(2048, 1 / SAMPLE_RATE_HZ)
    centre_hz = (power * hz).sum(axis=1) / power.sum(axis=1)
    assert np.percentile(centre_hz, 90) > 1.2 * np.percentile(centre_hz, 10)


def test_growl_modulates_some_notes_at_the_rate_of_a_hum(rng):
    time_s = np.arange(N_SAMPLES) / SAMPLE_RATE_HZ
    x = np.sin(2 * np.pi * 500.0 * time_s).astype(np.float32)
    y = leads.growled(x, [Note(0.5, 3.0, 71.0, 0.9)] * 12, rng)
    power = np.abs(np.fft.rfft(y[44100:132300] * np.hanning(88200))) ** 2
    hz = np.fft.rfftfreq(88200, 1 / SAMPLE_RATE_HZ)
    sides = power[(np.abs(hz - 500) > 55) & (np.abs(hz - 500) < 145)].sum()
    assert sides / power[np.abs(hz - 500) < 20].sum() > 0.05
    assert np.abs(y[: int(0.4 * SAMPLE_RATE_HZ)]).max() < 2.0


def test_sections_play_chords_together(make_take):
    take = make_take("funk", 12.0)
    lines = sections._voices(take, 3)
    assert len(lines) == 3
    for notes in zip(*lines, strict=True):
        assert len({round(note.start_s, 2) for note in notes}) <= 2
    y = sections.brass(take)
    if y is not None:
        assert np.isfinite(y).all()
        assert np.square(y[0]).mean() / np.square(y[1]).mean() == pytest.approx(1.0, abs=0.9)
