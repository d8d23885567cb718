"""Words in rhythm: where syllables lie, how far the pitch moves, who joins in."""

import pytest

from streamsep_offline.maker.places import is_full
from streamsep_offline.maker.voices.rap import rap_lines, screamed_lines, shouts
from streamsep_offline.maker.voices.singing import line_ends


@pytest.fixture
def plan(make_take):
    return make_take("hip-hop", 40.0).plan


def test_lines_lie_on_the_grid_near_one_pitch(plan, rng):
    for _ in range(10):
        lines = rap_lines(plan, rng, 50.0)
        notes = [note for line in lines for note in line]
        assert len(notes) > 6 * sum(plan.plays("vocals", bar) for bar in range(plan.n_bars)) * 0.5
        assert all(abs(note.pitch - 50.0) < 3.5 for note in notes)
        for line in lines:
            starts = [note.start_s for note in line]
            assert starts == sorted(starts)
            bars = {plan.bar_at(note.start_s) for note in line}
            assert all(plan.plays("vocals", bar) for bar in bars)


def test_verses_leave_the_choruses_alone(plan, rng):
    lines = rap_lines(plan, rng, 50.0, lambda bar: not is_full(plan, bar))
    for line in lines:
        assert not is_full(plan, plan.bar_at(line[0].start_s))


def test_line_ends_are_the_last_words(plan, rng):
    lines = rap_lines(plan, rng, 50.0)
    for line, end in zip(lines, line_ends(lines, 3), strict=True):
        assert end == line[-3:]


def test_screams_hold_the_last_word(plan, rng):
    for line in screamed_lines(plan, rng, 42.0):
        assert line[-1].duration_s >= max(note.duration_s for note in line[:-1] or line)
        assert all(abs(note.pitch - 42.0) < 4.0 for note in line)


def test_crowds_shout_in_choruses_only(plan, rng):
    for line in shouts(plan, rng, 60.0):
        assert len(line) == 1
        assert is_full(plan, plan.bar_at(line[0].start_s))
