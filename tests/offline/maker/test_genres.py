import numpy as np
import pytest

from streamsep_offline.maker.genres import GENRES, STYLE_SHARES, STYLES, choose_genre
from streamsep_offline.maker.tempo import METRES


def test_every_style_has_several_genres():
    assert len({genre.name for genre in GENRES}) == len(GENRES)
    for style in STYLES:
        assert sum(genre.style == style for genre in GENRES) >= 4
    assert sum(STYLE_SHARES.values()) == 100


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_genres_are_sound(genre):
    assert genre.style in STYLES
    assert 40 <= genre.bpm[0] < genre.bpm[1] <= 240
    assert {name for name, _ in genre.metres} <= set(METRES)
    assert sum(chance for _, chance in genre.metres) == pytest.approx(1.0)
    assert genre.family == ("electronic" if genre.is_electronic else genre.family)


def test_style_limits_the_genres(rng):
    assert {choose_genre(rng, "metal").style for _ in range(30)} == {"metal"}


def test_without_a_style_all_come_in_their_shares(rng):
    drawn = [choose_genre(rng).style for _ in range(3000)]
    shares = np.array([drawn.count(style) / 30.0 for style in STYLES])
    np.testing.assert_allclose(shares, list(STYLE_SHARES.values()), atol=2.5)
