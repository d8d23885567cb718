import numpy as np
import pytest

from streamsep_offline.maker.breaks import Break, choked
from streamsep_offline.maker.form import STEM_PARTS
from streamsep_offline.maker.genres import GENRES

SAMPLE_RATE = 44100


def heard(plan):
    """For every eighth of a song, which stems may sound."""
    for bar in range(plan.n_bars):
        for step in range(0, plan.steps_per_bar, 2):
            if plan.time_s(bar, step) < plan.duration_s and not plan.is_ending(bar):
                yield {
                    stem
                    for stem, parts in STEM_PARTS.items()
                    if any(plan.sounds(part, bar, step) for part in parts)
                }


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_in_half_a_minute_every_stem_is_alone_absent_and_masked(genre, make_song_plan):
    for _ in range(4):
        moments = list(heard(make_song_plan(genre.name)))
        for stem in STEM_PARTS:
            assert {stem} in moments
            assert any(stem not in moment for moment in moments)
        together = sum(len(moment) == 4 for moment in moments)
        assert together > 0.1 * len(moments)


def test_breaks_lie_apart_and_last_a_while(make_song_plan):
    for genre in ("ballad", "thrash", "waltz", "house"):
        for _ in range(10):
            plan = make_song_plan(genre)
            assert len(plan.breaks) == 4
            for b in plan.breaks:
                length_s = plan.time_s(0, b.end) - plan.time_s(0, b.start)
                assert 0.8 <= length_s <= 5.0
            for first, second in zip(plan.breaks, plan.breaks[1:], strict=False):
                assert first.end <= second.start


def test_a_break_silences_all_but_one():
    pause = Break(8, 16, "bass", 0.05)
    assert not pause.silences("bass")
    assert all(pause.silences(part) for part in ("kick", "hats", "vocals", "chords"))


def test_plan_keeps_to_breaks(make_song_plan):
    plan = make_song_plan(is_full=True, breaks=(Break(24, 32, "vocals", 0.05),))
    assert plan.sounds("kick", 1, 7.9)
    assert not plan.sounds("kick", 1, 8)
    assert plan.sounds("vocals", 1, 8)
    assert plan.plays("kick", 1)
    assert plan.rest_from("bass", 20, 30) == 24
    assert plan.rest_from("vocals", 20, 30) == 30
    whole = make_song_plan(is_full=True, breaks=(Break(16, 32, "drums", 0.05),))
    assert whole.plays("snare", 1)
    assert not whole.plays("bass", 1)
    assert not whole.plays("vocals", 1)


def test_choking_silences_without_clicks_and_leaves_the_rest():
    x = np.ones((2, 3 * SAMPLE_RATE), np.float32)
    y = choked(x, [(1.0, 2.0, 0.05)])
    np.testing.assert_array_equal(y[:, :SAMPLE_RATE], 1.0)
    np.testing.assert_array_equal(y[:, 2 * SAMPLE_RATE :], 1.0)
    assert np.abs(y[:, int(1.4 * SAMPLE_RATE) : int(1.97 * SAMPLE_RATE)]).max() < 1e-3
    assert np.abs(np.diff(y)).max() < 0.01
    np.testing.assert_array_equal(x, 1.0)
    assert not choked(x, [(0.0, 1.0, 0.05)])[:, : int(0.97 * SAMPLE_RATE)].any()
    assert choked(x, []) is x
