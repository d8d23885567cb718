import numpy as np
import pytest

from streamsep.errors import ParameterError
from streamsep_offline.evaluation.matching import absent, match

FOUR = ("vocals", "drums", "bass", "other")
FIVE = ("vocals", "drums", "bass", "piano", "other")
TWO = ("vocals", "accompaniment")


def numbered(names, scale=1.0):
    """Stem k is 10^k everywhere, so that a sum tells what is in it."""
    return scale * (10.0 ** np.arange(len(names)))[:, None, None] * np.ones((1, 1, 3))


@pytest.mark.parametrize(
    ("song", "model", "names", "references", "estimates"),
    [
        (FOUR, FOUR, FOUR, (1, 10, 100, 1000), (1, 10, 100, 1000)),
        (TWO, FOUR, TWO, (1, 10), (1, 1110)),
        (FOUR, TWO, TWO, (1, 1110), (1, 10)),
        (FOUR, FIVE, FOUR, (1, 10, 100, 1000), (1, 10, 100, 11000)),
        (FIVE, FOUR, FOUR, (1, 10, 100, 11000), (1, 10, 100, 1000)),
        (FIVE, TWO, TWO, (1, 11110), (1, 10)),
        (FOUR, ("drums", "no_drums"), ("no_drums", "drums"), (1101, 10), (10, 1)),
        (FOUR, ("bass", "mixture"), ("bass", "vocals", "drums", "other"), (100, 1, 10, 1000), (1,)),
        (("guitar", "vocals"), ("vocals", "guitar"), ("guitar", "vocals"), (1, 10), (10, 1)),
    ],
)
def test_both_sides_are_summed_to_what_they_have_in_common(
    song, model, names, references, estimates
):
    matched = match(song, numbered(song), model, numbered(model))
    assert matched.names == names
    assert tuple(matched.references[:, 0, 0]) == references
    assert tuple(matched.estimates[:, 0, 0]) == estimates


def test_references_always_sum_to_the_mixture():
    for song in (TWO, FOUR, FIVE):
        for model in (TWO, FOUR, FIVE, ("vocals",), ("drums", "no_drums")):
            matched = match(song, numbered(song), model, numbered(model))
            assert np.array_equal(matched.references.sum(axis=0), numbered(song).sum(axis=0))


def test_nothing_in_common_is_an_error():
    with pytest.raises(ParameterError, match="gives speech, the song has vocals, accompaniment"):
        match(TWO, numbered(TWO), ("speech",), numbered(("speech",)))


def test_what_a_song_cannot_contain_is_absent():
    assert absent(("drums", "bass", "other"), FOUR) == [0]
    assert absent(("guitar", "bass"), FIVE) == [0, 1, 3], "the guitar is of the others"
    assert absent(FOUR, FIVE) == absent(FOUR, TWO) == absent(TWO, FOUR) == []
    assert absent(("bass", "other"), ("bass", "mixture")) == []
