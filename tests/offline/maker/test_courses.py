import pytest

from streamsep_offline.maker.courses import course
from streamsep_offline.maker.form import KINDS
from streamsep_offline.maker.genres import STYLES


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("n_bars", [1, 2, 3, 8, 13, 16, 27, 90, 240])
def test_sections_fill_any_number_of_bars(rng, style, n_bars):
    for _ in range(10):
        sections = course(rng, style, n_bars)
        assert sum(length for _, length in sections) == n_bars
        assert all(1 <= length <= 17 for _, length in sections)
        assert {name for name, _ in sections} <= set(KINDS)


def test_short_songs_are_whole_or_excerpts(rng):
    starts = [course(rng, "rock", 14)[0][0] for _ in range(60)]
    assert {"intro", "verse"} <= set(starts)
    names = [{name for name, _ in course(rng, "pop", 16)} for _ in range(40)]
    assert sum({"verse", "chorus"} <= found for found in names) > 20


def test_sections_are_mostly_even(rng):
    lengths = [n for _ in range(40) for _, n in course(rng, "pop", 24)]
    assert sum(n % 2 for n in lengths) < 0.2 * len(lengths)
