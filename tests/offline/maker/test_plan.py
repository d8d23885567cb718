from dataclasses import replace

import numpy as np
import pytest

from streamsep_offline.maker.breaks import Break
from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.harmony import roman
from streamsep_offline.maker.plan import Feel, make_plan
from streamsep_offline.maker.progressions import parse

SAMPLE_RATE = 44100


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_chords_lie_in_their_scale_and_basses_below(genre, make_song_plan):
    plan = make_song_plan(genre.name)
    for bar in range(plan.n_bars):
        for step in range(0, plan.steps_per_bar, 4):
            scale = plan.scale_at(bar, step)
            assert all((p - plan.key_at(bar)) % 12 in scale for p in plan.chord(bar, step))
            assert 28 <= plan.bass_pitch(bar, step) < 40
    assert any(plan.plays("vocals", bar) for bar in range(plan.n_bars))


def test_the_same_draws_make_the_same_plan():
    for genre in GENRES[::5]:
        first, second, other = (
            make_plan(np.random.default_rng(seed), genre, 30 * SAMPLE_RATE) for seed in (4, 4, 5)
        )
        assert first == second != other


def test_a_performance_sets_tempo_metre_and_swing(rng):
    genre = next(g for g in GENRES if g.name == "ballad")
    plan = make_plan(rng, genre, 30 * SAMPLE_RATE, Feel(150.0, "3/4", 0.3, 2))
    assert 0.93 < plan.bpm / 150.0 < 1.07
    assert plan.metre.name == "3/4"
    assert (plan.swing, plan.swing_unit) == (0.3, 2)
    assert plan.is_steady


def test_a_bar_is_shared_by_its_chords(make_song_plan):
    two = parse("ii7 V7 | I")
    plan = make_song_plan(is_full=True, progressions=(two, two, two), bars_per_chord=1)
    half = plan.steps_per_bar / 2
    assert plan.harmony_at(0, 0) == plan.harmony_at(0, half - 1) == roman("ii7")
    assert plan.harmony_at(0, half) == roman("V7")
    assert plan.harmony_at(0, 2 * half) == plan.harmony_at(1, 0) == roman("I")


def test_a_long_progression_goes_on_over_short_sections(make_song_plan):
    blues = parse("I | I | I | I | IV | IV | I | I | V | IV | I | V")
    plan = make_song_plan(is_full=True, progressions=(blues,) * 3, bars_per_chord=1)
    plan = replace(plan, sections=(plan.sections[0],) * 3)
    roots = [plan.harmony_at(bar).root for bar in range(12)]
    assert roots == [0, 0, 0, 0, 5, 5, 0, 0, 7, 5, 0, 7]


def test_a_raised_section_raises_everything(make_song_plan):
    plan = make_song_plan(is_full=True)
    raised = replace(plan, sections=tuple(replace(s, transpose=2) for s in plan.sections))
    assert raised.key_at(0) == plan.key_at(0) + 2
    assert raised.chord(1) == tuple(pitch + 2 for pitch in plan.chord(1))
    assert raised.scale_at(1) == plan.scale_at(1)


def test_under_a_pedal_the_bass_stays(make_song_plan):
    plan = make_song_plan(is_full=True)
    plan = replace(plan, sections=tuple(replace(s, is_pedal=True) for s in plan.sections))
    assert {plan.bass_pitch(bar) % 12 for bar in range(8)} == {plan.key % 12}


def test_held_pieces_end_at_breaks_and_new_chords(make_song_plan):
    chords = parse("I | I | IV V | I")
    pause = Break(20, 28, "drums", 0.05)
    plan = make_song_plan(is_full=True, progressions=(chords,) * 3, bars_per_chord=1)
    plan = replace(plan, breaks=(pause,), metre=plan.metre)
    if plan.steps_per_bar == 16:
        pieces = [(start, end) for start, end, _ in plan.chord_pieces("chords") if start < 64]
        assert pieces == [(0, 16), (16, 20), (28, 32), (32, 40), (40, 48), (48, 64)]
