import itertools

import pytest

from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.riffs import choose_riffs, random_riff
from streamsep_offline.maker.tempo import METRES

GENRE = {genre.name: genre for genre in GENRES}


@pytest.mark.parametrize("metre", METRES.values(), ids=lambda metre: metre.name)
@pytest.mark.parametrize("name", ["thrash", "doom", "metalcore", "hard-rock", "funk", "house"])
def test_riffs_fit_their_bar_and_damp_the_root(rng, name, metre):
    for _ in range(10):
        riff = random_riff(rng, GENRE[name], metre)
        assert riff
        for note, following in itertools.pairwise(riff):
            assert note.step + note.length <= following.step
        assert riff[-1].step + riff[-1].length <= metre.steps
        assert all(note.offset == 0 for note in riff if note.is_muted)


def test_metal_is_made_of_riffs_and_ballads_are_not(rng):
    metal = [choose_riffs(rng, GENRE["thrash"], METRES["4/4"])[0] for _ in range(40)]
    assert sum(riff is not None for riff in metal) > 25
    assert choose_riffs(rng, GENRE["ballad"], METRES["4/4"]) == (None, None, None)
