from dataclasses import replace

import numpy as np
import pytest

from streamsep_offline.maker import bass_lines
from streamsep_offline.maker.bass_figures import FIGURES
from streamsep_offline.maker.bass_lines import bass_line
from streamsep_offline.maker.form import PARTS, Section
from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.notes import Hit
from streamsep_offline.maker.patterns import pattern_hits
from streamsep_offline.maker.riffs import RiffNote

STILL = (None, None, None)


def only(figure, monkeypatch):
    monkeypatch.setattr(bass_lines, "_BY_NAME", {})
    chances = {style: {figure: 1.0} for style in bass_lines._CHANCES}
    monkeypatch.setattr(bass_lines, "_CHANCES", chances)


@pytest.mark.parametrize("genre", ["rock", "ballad", "swing", "waltz", "house", "trap", "jig"])
def test_locked_basses_play_with_the_kick(genre, make_song_plan, rng, monkeypatch):
    only("locked", monkeypatch)
    plan = make_song_plan(genre, is_full=True, riffs=STILL)
    kicks_s = [hit.start_s for hit in pattern_hits(plan, rng) if hit.piece == "kick"]
    notes = bass_line(plan, rng, kicks_s)
    assert notes
    starts = np.array([note.start_s for note in notes])
    away = [np.abs(starts - kick).min() for kick in kicks_s if kick < plan.duration_s]
    assert np.mean(np.array(away) < 0.006) > 0.95
    alone = [np.abs(np.array(kicks_s) - start).min() for start in starts]
    assert np.mean(np.array(alone) < 0.006) > 0.95


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_basses_of_every_genre_are_low_in_key_and_in_time(genre, make_song_plan, rng):
    plan = make_song_plan(genre.name)
    hits = pattern_hits(plan, rng)
    notes = bass_line(plan, rng, [hit.start_s for hit in hits if hit.piece == "kick"])
    assert notes
    in_key = []
    for note in notes:
        bar = plan.bar_at(note.start_s)
        assert 22 <= note.pitch <= 56
        assert 0.0 < note.velocity <= 1.0
        assert note.duration_s > 0.0
        assert plan.plays("bass", bar)
        scale = set(plan.scale_at(bar)) | set(plan.scale_at(bar, plan.steps_per_bar - 1))
        in_key.append((note.pitch - plan.key_at(bar)) % 12 in scale)
    assert np.mean(in_key) > 0.7  # walking basses approach by semitones, riffs by tritones


def test_first_beats_have_the_root(make_song_plan, rng):
    plan = make_song_plan("pop", is_full=True, riffs=STILL)
    notes = bass_line(plan, rng, [])
    for bar in range(plan.n_bars):
        for note in notes:
            if abs(note.start_s - plan.time_s(bar)) < 0.02:
                assert note.pitch % 12 == plan.bass_pitch(bar) % 12


def test_riffs_are_in_unison(make_song_plan, rng):
    riff = (RiffNote(0, 1, 0, True), RiffNote(3, 2, 3, False), RiffNote(10, 4, 5, False))
    plan = make_song_plan("hard-rock", 16.0, is_full=True, riffs=(riff, riff, riff))
    notes = bass_line(plan, rng, [])
    steps = {round(plan.place_at(note.start_s)) % plan.steps_per_bar for note in notes}
    assert steps <= {0, 3, 10}


def test_walking_goes_on_every_beat(make_song_plan, rng, monkeypatch):
    only("walk", monkeypatch)
    plan = make_song_plan("swing", is_full=True, riffs=STILL, breaks=())
    notes = bass_line(plan, rng, [])
    places = {round(plan.place_at(note.start_s)) for note in notes}
    assert set(range(0, 4 * plan.steps_per_bar, 4)) <= places
    leaps = np.abs(np.diff([note.pitch for note in notes]))
    assert np.median(leaps) <= 5


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("genre", ["rock", "waltz", "jig", "swing"])
def test_every_figure_fits_every_metre(figure, genre, make_song_plan, rng):
    plan = make_song_plan(genre)
    for bar in range(4):
        for stroke in FIGURES[figure](plan, rng, bar):
            assert 0 <= stroke.step < plan.steps_per_bar
            assert 0 < stroke.length <= plan.steps_per_bar
            assert 22 <= stroke.pitch <= 56


def test_bass_pauses_where_the_plan_says_and_ends_on_the_tonic(make_song_plan, rng):
    plan = make_song_plan("rock", 20.0, is_full=True, riffs=STILL)
    silent = Section(0, frozenset(PARTS) - {"bass"})
    last = Section(1, frozenset(PARTS), "ending", 30)
    plan = replace(plan, sections=(silent, Section(1, frozenset(PARTS)), last))
    notes = bass_line(plan, rng, [])
    assert min(note.start_s for note in notes) > plan.time_s(4) - 0.02
    if plan.n_bars > 8:
        assert notes[-1].pitch % 12 == plan.key_at(8) % 12
        assert notes[-1].start_s == pytest.approx(plan.time_s(8), abs=0.03)


def test_the_kick_of_a_drummer_is_followed_closely(make_song_plan, rng, monkeypatch):
    only("locked", monkeypatch)
    plan = make_song_plan("funk", is_full=True, riffs=STILL)
    hits = [Hit(plan.time_s(bar, 6) + 0.011, "kick", 1.0) for bar in range(6)]
    starts = [note.start_s for note in bass_line(plan, rng, [hit.start_s for hit in hits])]
    for hit in hits:
        assert min(abs(start - hit.start_s) for start in starts) < 0.006
