"""Guitars', keyboards' and leads' lines keep to the key, the form, the breaks and each other."""

from dataclasses import replace

import numpy as np
import pytest

from streamsep_offline.maker import harmony, lines
from streamsep_offline.maker.breaks import Break
from streamsep_offline.maker.form import PARTS, Section
from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.riffs import RiffNote


def all_lines(plan, rng):
    return (
        lines.strummed_chords(plan, rng, harmony.close_voicing),
        lines.held_chords(plan, harmony.close_voicing),
        lines.arpeggio(plan, rng, harmony.close_voicing),
        lines.melody(plan, rng),
    )


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_lines_of_every_genre_are_in_key_and_in_time(genre, make_song_plan, rng):
    plan = make_song_plan(genre.name, 20.0)
    for notes in all_lines(plan, rng):
        for note in notes:
            place = plan.place_at(note.start_s - 0.003)
            bar = plan.bar_at(note.start_s)
            step = max(0.0, place - bar * plan.steps_per_bar)
            scales = {
                p % 12 for s in (0.0, 0.6) for p in plan.scale_at(bar, min(step + s, 99))
            } | set(plan.scale_at(max(0, bar)))
            assert (note.pitch - plan.key_at(bar)) % 12 in scales
            assert note.start_s >= 0.0
            assert note.duration_s > 0.0
            assert 0.0 < note.velocity <= 1.0


def test_melodies_stay_in_their_range(make_song_plan, rng):
    plan = make_song_plan("ballad", 20.0, is_full=True)
    plan = replace(plan, sections=tuple(replace(s, transpose=3) for s in plan.sections))
    notes = lines.melody(plan, rng, 57, 84)
    assert notes
    assert all(57 <= note.pitch <= 84 for note in notes)


def test_parts_pause_where_the_plan_says(make_song_plan, rng):
    plan = make_song_plan("pop", is_full=True)
    sections = (Section(0, frozenset({"kick"})), Section(1, frozenset(PARTS)))
    plan = replace(plan, sections=sections)
    for notes in all_lines(plan, rng):
        assert notes
        for note in notes:
            assert plan.bar_at(note.start_s) % 8 >= 4


def test_nothing_rings_into_a_break(make_song_plan, rng):
    plan = make_song_plan("rock", 20.0, is_full=True)
    steps = plan.steps_per_bar
    plan = replace(plan, breaks=(Break(2 * steps + 6, 3 * steps, "drums", 0.05),))
    start_s, end_s = plan.time_s(2, 6), plan.time_s(3)
    for notes in all_lines(plan, rng):
        for note in notes:
            assert note.start_s >= end_s or note.start_s < start_s + 0.02
            if note.start_s < start_s:  # notes that overlap on purpose may, by a little
                assert note.start_s + note.duration_s < start_s + 0.4 * plan.step_s * 2 + 0.05


def test_last_chord_is_struck_once_and_held(make_song_plan, rng):
    plan = make_song_plan("pop", 20.0, is_full=True)
    plan = replace(plan, sections=(plan.sections[0], Section(1, frozenset(PARTS), "ending", 30)))
    last_s = plan.time_s(4)
    for notes in all_lines(plan, rng):
        late = [note for note in notes if note.start_s > last_s - 0.02]
        assert late
        assert max(note.start_s for note in late) < last_s + 8 * plan.step_s
    tonic = {(plan.key + step) % 12 for step in harmony.roman("I").classes}
    chord = lines.strummed_chords(plan, rng, harmony.close_voicing)[-1]
    assert chord.pitch % 12 in tonic | {(plan.key + 3) % 12}


def test_power_chords_play_the_riff(make_song_plan, rng):
    riff = (RiffNote(0, 1, 0, True), RiffNote(3, 2, 3, False), RiffNote(10, 4, 5, False))
    plan = make_song_plan("hard-rock", 16.0, is_full=True, riffs=(riff, riff, riff))
    notes = lines.strummed_chords(plan, rng, harmony.power_voicing)
    wanted = [plan.time_s(bar, n.step) for bar in range(plan.n_bars) for n in riff]
    distance = [min(abs(note.start_s - time) for time in wanted) for note in notes]
    assert max(distance) < 0.02
    others = lines.strummed_chords(plan, rng, harmony.close_voicing)
    assert {round(note.start_s, 2) for note in notes} != {round(n.start_s, 2) for n in others}


def test_quiet_sections_are_played_softly(make_song_plan, rng):
    plan = make_song_plan("pop", 24.0, is_full=True)
    quiet, loud = (
        replace(plan, sections=tuple(replace(s, name="verse", energy=e) for s in plan.sections))
        for e in (0.1, 1.0)
    )
    for k in range(4):
        softer, louder = (
            np.mean([note.velocity for note in all_lines(p, np.random.default_rng(3))[k]])
            for p in (quiet, loud)
        )
        assert softer < 0.9 * louder
