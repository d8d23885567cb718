"""Guitars: riffs, palm mutes, takes that differ, strumming hands, twelve strings, lead lines."""

import dataclasses

import numpy as np
import pytest

from streamsep_offline.maker import acoustic_guitars, guitar_riffs, guitars, lead_guitars
from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note


@pytest.fixture
def metal_take(make_take, audio_folder):
    take = make_take("hard-rock", 10.0, audio_folder)
    genre = Genre("thrash", "metal", 1.0, (150.0, 190.0))
    playing = dataclasses.replace(
        take.plan.sections[0], playing=frozenset({"chords", "lead", "vocals", "kick"})
    )
    return dataclasses.replace(
        take, plan=dataclasses.replace(take.plan, genre=genre, sections=(playing,), breaks=())
    )


def treble_share(x):
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
    return power[np.fft.rfftfreq(len(x), 1 / SAMPLE_RATE_HZ) > 2500.0].sum() / power.sum()


def test_riffs_stand_on_the_chords_and_mute_low_notes(metal_take, rng):
    plan = metal_take.plan
    ringing, muted = [], []
    for _ in range(8):
        part = guitar_riffs.riff(plan, rng, is_heavy=True)
        ringing += part.ringing
        muted += part.muted
    assert ringing
    assert muted
    assert all(33 <= note.pitch <= 40 + 11 + 7 for note in muted)
    for note in muted:
        bar = plan.bar_at(note.start_s)
        if abs(note.start_s - plan.time_s(bar)) < 0.01:
            assert (note.pitch - plan.chord(bar)[0]) % 12 in (0, 7)
    for part in (ringing, muted):
        for note in part:
            step = plan.place_at(note.start_s) % 1.0
            assert min(step, 1.0 - step) < 0.12


def test_muted_notes_are_short_and_dull(metal_take):
    notes = [Note(0.2 + 0.5 * k, 0.45, 40.0, 0.9) for k in range(8)]
    ringing = guitars._perform(metal_take, "emilyguitar", guitar_riffs.Riff(notes, []), 0.0)
    muted = guitars._perform(metal_take, "emilyguitar", guitar_riffs.Riff([], notes), 0.0)
    attack = slice(int(0.2 * SAMPLE_RATE_HZ), int(0.3 * SAMPLE_RATE_HZ))
    assert treble_share(muted[attack]) < 0.4 * treble_share(ringing[attack])

    def tail_share(x):
        start = int(0.2 * SAMPLE_RATE_HZ)
        later = start + int(0.25 * SAMPLE_RATE_HZ)
        return np.square(x[later : later + 6000]).sum() / np.square(x[start:later]).sum()

    assert tail_share(muted) < 0.02 * tail_share(ringing)


def test_the_two_sides_are_two_performances(metal_take):
    """What separates left from right is neither a delay nor a filter: the takes differ."""
    n_wide = 0
    for k in range(6):
        take = metal_take.part("other", f"take {k}")
        y = guitars.rhythm(take, (12.0, 40.0), 0.8, 0.9)
        assert np.isfinite(y).all()
        assert np.abs(y.mean(axis=1)).max() < 0.02 * np.abs(y).max()
        if abs(np.corrcoef(y)[0, 1]) < 0.999:  # else one guitar, panned
            n_wide += 1
            spectra = np.fft.rfft(y, 1 << 20)
            likeness = np.fft.irfft(spectra[0] * spectra[1].conj())
            size = np.sqrt(np.square(y[0]).sum() * np.square(y[1]).sum())
            assert np.abs(likeness).max() / size < 0.85
    assert n_wide >= 2


def test_strumming_hands_go_down_on_beats(make_take, rng):
    plan = make_take("folk-rock", 20.0).plan
    notes, strokes = acoustic_guitars.strummed(plan, rng)
    assert strokes == sorted(strokes)
    for stroke in strokes:
        chord = [n for n in notes if -0.001 <= n.start_s - stroke < 0.045]
        assert len(chord) >= 3
    first_bar = next(bar for bar in range(plan.n_bars) if plan.plays("chords", bar))
    down = [n for n in notes if abs(n.start_s - plan.time_s(first_bar)) < 0.04]
    down.sort(key=lambda n: n.start_s)
    assert down[0].pitch == min(n.pitch for n in down)


def test_twelve_strings_have_octaves_below_and_unisons_above(rng):
    notes = [Note(0.0, 1.0, 45.0, 0.9), Note(0.0, 1.0, 64.0, 0.9)]
    strings = acoustic_guitars.with_second_strings(notes, rng)
    assert len(strings) == 4
    assert strings[1].pitch == pytest.approx(57.0, abs=0.2)
    assert strings[3].pitch == pytest.approx(64.0, abs=0.2)
    assert all(0.0 < b.start_s - a.start_s < 0.01 for a, b in (strings[:2], strings[2:]))


def test_lead_lines_bend_up_to_the_note_and_hold_it(metal_take, track_pitch):
    rng = metal_take.rng
    bent = dataclasses.replace(
        lead_guitars.fingers(rng), scoop_chance=1.0, scoop=2.0, scoop_s=0.12, glide_chance=0.0,
        vibrato=0.0,
    )  # fmt: skip
    notes = [Note(0.2, 1.0, 64.0, 0.9), Note(1.5, 1.2, 67.0, 0.9)]
    y = lead_guitars._line(metal_take, "emilyguitar", notes, bent)
    pitch = track_pitch(y, n_frame=1400)
    for note in notes:
        start = round(note.start_s * 100)
        assert np.nanmedian(pitch[start + 45 : start + 85]) == pytest.approx(note.pitch, abs=0.3)
        assert np.nanmin(pitch[start : start + 8]) < note.pitch - 0.6


def test_runs_end_on_the_note_and_fill_its_time(metal_take, rng):
    notes = [Note(float(k), 0.9, 64.0, 0.9) for k in range(40)]
    played = lead_guitars.ornamented(notes, rng, metal_take)
    assert len(played) > len(notes)
    for note in notes:
        inside = [n for n in played if note.start_s - 1e-9 <= n.start_s < note.start_s + 0.9]
        assert inside[-1].pitch == note.pitch
        assert inside[-1].start_s + inside[-1].duration_s == pytest.approx(note.start_s + 0.9)
