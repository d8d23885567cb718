import pytest

from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.rhythms import comping, parse_rhythm, random_rhythm, syncopation
from streamsep_offline.maker.tempo import METRES


def test_marks_are_read():
    assert parse_rhythm("x---..x-x.......") == [(0, 4), (6, 2), (8, 1)]


@pytest.mark.parametrize("metre", METRES.values(), ids=lambda metre: metre.name)
def test_rhythms_stay_in_their_bar(rng, metre):
    rhythms = [random_rhythm(rng, metre.steps) for _ in range(30)]
    rhythms += [syncopation(rng, 3, 7, metre.steps) for _ in range(30)]
    rhythms += [rhythm for genre in GENRES for rhythm in comping(rng, genre, metre)]
    for rhythm in rhythms:
        assert rhythm
        ends = [start + length for start, length in rhythm]
        starts = [start for start, _ in rhythm]
        assert starts == sorted(set(starts))
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
        assert ends[-1] <= metre.steps


def test_reggae_plays_off_the_beat(rng):
    reggae = next(genre for genre in GENRES if genre.name == "reggae")
    rhythms = [r for _ in range(20) for r in comping(rng, reggae, METRES["4/4"])]
    assert sum(0 not in dict(rhythm) for rhythm in rhythms) > 40
