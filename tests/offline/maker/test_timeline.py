import itertools
from dataclasses import replace

import pytest

from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.tempo import METRES, steady_map


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_bars_lie_where_the_tempo_map_says(genre, make_song_plan):
    for _ in range(3):
        plan = make_song_plan(genre.name)
        assert genre.bpm[0] <= plan.bpm <= genre.bpm[1]
        assert plan.time_s(plan.n_bars - 1) <= plan.duration_s <= plan.time_s(plan.n_bars)
        for bar in range(plan.n_bars):
            quarters = bar * plan.metre.quarters
            assert plan.time_s(bar) == pytest.approx(plan.tempo.time_s(quarters), abs=1e-9)
            assert plan.bar_at(plan.time_s(bar) - 0.002) == bar
            length_s = plan.time_s(bar + 1) - plan.time_s(bar)
            assert 0.7 * plan.bar_s < length_s < 2.3 * plan.bar_s
            middle = plan.steps_per_bar - 4
            assert plan.place_at(plan.tempo.time_s(quarters + middle / 4)) == pytest.approx(
                bar * plan.steps_per_bar + middle
            )


def test_steps_rise_and_go_on_into_the_next_bar(make_song_plan):
    plan = make_song_plan("swing")
    times = [plan.time_s(0, step) for step in range(200)]
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert plan.time_s(3, plan.steps_per_bar + 2) == pytest.approx(plan.time_s(4, 2))


@pytest.mark.parametrize(("unit", "late_step"), [(1, 1), (2, 2)])
def test_swing_delays_every_second_unit_only(make_song_plan, unit, late_step):
    plan = make_song_plan("house", bpm=120.0, tempo=steady_map(0.5, 80), swing=1 / 3)
    plan = replace(plan, swing_unit=unit)
    assert plan.time_s(0, late_step) == pytest.approx((late_step + unit / 3) * 0.125)
    for step in (0, 2 * unit, 4 * unit, 16):
        assert plan.time_s(0, step) == pytest.approx(step * 0.125)


def test_machines_and_only_they_are_always_steady(make_song_plan):
    assert all(make_song_plan("house").is_steady for _ in range(10))
    drifting = [make_song_plan("ballad") for _ in range(20)]
    assert any(not plan.is_steady for plan in drifting)


def test_some_bands_slow_down_into_their_last_chord(make_song_plan):
    plans = [make_song_plan("ballad") for _ in range(40)]
    endings = [plan for plan in plans if plan.sections[-1].name == "ending"]
    assert 8 <= len(endings) <= 36
    slowest = 0.0
    for plan in endings:
        last = sum(section.n_bars for section in plan.sections[:-1])
        assert plan.time_s(last) < plan.duration_s - 0.5
        before_s = plan.time_s(last) - plan.time_s(last - 1)
        slowest = max(slowest, before_s / (plan.time_s(2) - plan.time_s(1)))
        assert plan.is_ending(last)
        assert not plan.is_ending(last - 1)
    assert slowest > 1.1


def test_phrases_begin_with_sections_and_do_not_overlap(make_song_plan):
    for genre in ("pop", "waltz", "thrash"):
        plan = make_song_plan(genre)
        phrases = plan.phrase_bars()
        assert all(second - first >= 2 for first, second in itertools.pairwise(phrases))
        for bar in range(plan.n_bars):
            if plan.is_first_of_section(bar) and plan.section(bar).n_bars > 1:
                assert (bar in phrases) != plan.is_ending(bar)


def test_energy_grows_towards_a_chorus(make_song_plan):
    plan = make_song_plan(is_full=True)
    plan = replace(plan, sections=(replace(plan.sections[0], name="pre-chorus", n_bars=8),))
    energies = [plan.energy(bar) for bar in range(8)]
    assert energies == sorted(energies)
    assert 0.0 <= energies[0] < energies[-1] <= 1.0


def test_metres_of_a_genre_all_occur(make_song_plan):
    found = {make_song_plan("prog-rock").metre.name for _ in range(40)}
    assert {"4/4", "5/4", "6/8", "3/4"} <= found <= set(METRES)
