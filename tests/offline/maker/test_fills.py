from dataclasses import replace

from streamsep_offline.maker.breaks import Break
from streamsep_offline.maker.fills import with_fills
from streamsep_offline.maker.grooves import Performance
from streamsep_offline.maker.notes import Hit


def pulse(plan):
    return [
        Hit(plan.time_s(bar, 4 * k), "hat", 0.5) for bar in range(plan.n_bars) for k in range(4)
    ]


def changed_bars(plan, hits):
    drums = [hit for hit in hits if hit.piece in ("snare", "tom")]
    return {plan.bar_at(hit.start_s) for hit in drums}


def test_fills_come_at_the_end_of_sections_only(make_song_plan, rng):
    plan = make_song_plan("rock", is_full=True)
    found = set()
    for _ in range(10):
        found |= changed_bars(plan, with_fills(plan, pulse(plan), rng))
    assert found
    assert all(plan.is_last_of_section(bar) for bar in found)


def test_sections_begin_with_a_crash_more_often_when_loud(make_song_plan, rng):
    plan = make_song_plan("rock", is_full=True)
    counts = []
    for energy in (0.0, 1.0):
        sections = tuple(replace(s, name="verse", energy=energy) for s in plan.sections)
        varied = replace(plan, sections=sections)
        hits = [h for _ in range(20) for h in with_fills(varied, pulse(varied), rng)]
        crashes = [hit for hit in hits if hit.piece == "crash"]
        assert all(varied.is_first_of_section(varied.bar_at(hit.start_s)) for hit in crashes)
        counts.append(len(crashes))
    assert counts[0] < 0.7 * counts[1]


def test_recorded_fills_end_with_the_section(make_song_plan, rng):
    plan = make_song_plan("rock", 20.0, is_full=True, swing=0.0)
    fill = Performance("fill", 100.0, ((0.0, 47, 0.9), (1.0, 47, 0.8), (3.0, 47, 1.0)))
    plan = replace(plan, sections=(replace(plan.sections[0], n_bars=2),))
    starts = []
    for _ in range(10):
        hits = with_fills(plan, [], rng, (fill,))
        starts += [hit.start_s for hit in hits if hit.piece == "tom" and hit.which == 1]
    expected = [plan.time_s(bar, 4 * q) for bar in range(1, plan.n_bars, 2) for q in (0, 1, 3)]
    on_time = [s for s in starts if min(abs(s - e) for e in expected) < 0.002]
    assert len(on_time) > 0.5 * len(starts) > 0


def test_fills_keep_to_breaks_but_a_drum_break_always_has_one(make_song_plan, rng):
    plan = make_song_plan("rock", is_full=True)
    steps = plan.steps_per_bar
    last = plan.sections[0].n_bars - 1
    whole = (last * steps, (last + 1) * steps)
    silenced = replace(plan, breaks=(Break(*whole, "vocals", 0.05),))
    alone = replace(plan, breaks=(Break(*whole, "drums", 0.05),))
    for _ in range(8):
        assert last not in changed_bars(silenced, with_fills(silenced, [], rng))
        assert last in changed_bars(alone, with_fills(alone, [], rng))


def test_builds_get_denser(make_song_plan, rng):
    plan = make_song_plan("trance", is_full=True)
    sections = tuple(replace(s, name="pre-chorus", kind=2, n_bars=4) for s in plan.sections)
    plan = replace(plan, sections=sections)
    densest = 0
    for _ in range(10):
        hits = with_fills(plan, [], rng)
        rolled = [h for h in hits if h.piece in ("snare", "clap") and plan.bar_at(h.start_s) == 3]
        early = [h for h in rolled if h.start_s < plan.time_s(3, 8) - 0.01]
        assert len(early) <= max(1, len(rolled) - len(early))
        densest = max(densest, len(rolled))
    assert densest >= 6
