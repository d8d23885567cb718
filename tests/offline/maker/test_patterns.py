from dataclasses import replace

import numpy as np
import pytest

from streamsep_offline.maker.breaks import Break
from streamsep_offline.maker.families import FAMILIES
from streamsep_offline.maker.form import PARTS, Section
from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.patterns import family_steps, pattern_hits, random_bar
from streamsep_offline.maker.riffs import RiffNote


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_can_be_drawn(family, rng):
    for energy in (0.0, 0.5, 1.0):
        for _ in range(6):
            bar = random_bar(rng, family, energy)
            assert bar.n_steps == family_steps(family)
            for velocities in bar.steps.values():
                assert ((velocities >= 0) & (velocities <= 1)).all()
            low_or_hand = {"kick", "conga", "tom", "clave", "cowbell"}
            assert low_or_hand & set(bar.steps)
            high = {"hat", "ride", "open", "crash", "shaker", "guiro", "tamb", "cowbell", "clave"}
            assert (high | {"conga", "tom"}) & set(bar.steps)


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_drums_of_every_genre_keep_time(genre, make_song_plan, rng):
    plan = make_song_plan(genre.name, is_full=True)
    hits = pattern_hits(plan, rng)
    assert len(hits) > 3 * plan.n_bars
    for hit in hits:
        place = plan.place_at(hit.start_s)
        assert hit.start_s < plan.time_s(plan.n_bars + 1)
        assert 0.0 <= hit.velocity <= 1.0
        assert place > -0.5
    firsts = [plan.time_s(bar) for bar in range(plan.n_bars - 1)]
    nearest = [min(abs(hit.start_s - time) for hit in hits) for time in firsts]
    assert np.mean(np.array(nearest) < 0.03) > 0.6


def test_house_is_four_on_the_floor(make_song_plan, rng):
    plan = make_song_plan("house", is_full=True, riffs=(None, None, None))
    kicks = [hit.start_s for hit in pattern_hits(plan, rng) if hit.piece == "kick"]
    distance = [min(abs(kick - plan.time_s(0, 4 * beat)) for kick in kicks) for beat in range(8)]
    assert max(distance) < 0.02


def test_one_drop_leaves_out_the_first_beat_and_waltzes_have_three(make_song_plan, rng):
    drops = 0
    for _ in range(20):
        bar = random_bar(rng, "one-drop")
        drops += bar.steps["kick"][0] == 0 and bar.steps["kick"][4] > 0
    assert drops >= 6
    assert random_bar(rng, "waltz").n_steps == 12


@pytest.mark.parametrize("genre", ["salsa", "bossa"])
def test_clave_alternates_between_its_two_sides(genre, make_song_plan, rng):
    plan = make_song_plan(genre, is_full=True)
    piece = "clave" if genre == "salsa" else "stick"
    struck = [hit for hit in pattern_hits(plan, rng) if hit.piece == piece]
    bars = [
        {round(plan.place_at(h.start_s)) % 16 for h in struck if plan.bar_at(h.start_s) == bar}
        for bar in range(4)
    ]
    assert bars[0] == bars[2] != bars[1] == bars[3]


def test_parts_pause_where_the_plan_says(make_song_plan, rng):
    plan = make_song_plan("pop", is_full=True)
    sections = (Section(0, frozenset({"kick"})), Section(1, frozenset(PARTS)))
    plan = replace(plan, sections=sections)
    quiet = {h.piece for h in pattern_hits(plan, rng) if plan.bar_at(h.start_s + 0.01) % 8 < 4}
    assert quiet <= {"kick"}


def test_breaks_of_others_are_kept(make_song_plan, rng):
    plan = make_song_plan("thrash", is_full=True)
    plan = replace(plan, breaks=(Break(40, 64, "vocals", 0.05),))
    inside = [
        hit
        for hit in pattern_hits(plan, rng)
        if plan.time_s(0, 40) + 0.02 < hit.start_s < plan.time_s(0, 64) - 0.02
    ]
    assert not inside


def test_choruses_are_louder_than_verses(make_song_plan, rng):
    plan = make_song_plan("rock", is_full=True)
    verse, chorus = Section(0, frozenset(PARTS), "verse", 4, 0.2), None
    chorus = replace(verse, kind=1, name="chorus", energy=1.0)
    plan = replace(plan, sections=(verse, chorus))
    ratios = []
    for _ in range(10):
        hits = [h for h in pattern_hits(plan, rng) if h.piece in ("kick", "snare")]
        loud = [h.velocity for h in hits if plan.bar_at(h.start_s + 0.01) % 8 >= 4]
        soft = [h.velocity for h in hits if plan.bar_at(h.start_s + 0.01) % 8 < 4]
        ratios.append(np.mean(loud) / np.mean(soft))
    assert np.mean(ratios) > 1.08


def test_metal_kicks_follow_the_riff(make_song_plan, rng):
    riff = (RiffNote(0, 1, 0, True), RiffNote(3, 2, 3, False), RiffNote(11, 4, 5, False))
    plan = make_song_plan("metalcore", is_full=True, riffs=(riff, riff, riff))
    kicks = [hit for hit in pattern_hits(plan, rng) if hit.piece == "kick"]
    assert {round(plan.place_at(hit.start_s)) % 16 for hit in kicks} == {0, 3, 11}


def test_songs_that_end_end_with_a_stroke(make_song_plan, rng):
    plan = make_song_plan("rock", 20.0, is_full=True)
    plan = replace(plan, sections=(plan.sections[0], Section(1, frozenset(PARTS), "ending", 30)))
    late = [hit for hit in pattern_hits(plan, rng) if hit.start_s > plan.time_s(4) - 0.02]
    assert {hit.piece for hit in late} <= {"kick", "crash", "ride"}
    assert {hit.start_s for hit in late} == {plan.time_s(4)}
