import pytest

from streamsep_offline.maker.families import FAMILIES, PAIRED
from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.repertoire import GENRE_FAMILIES, METRE_FAMILIES
from streamsep_offline.maker.tempo import METRES


@pytest.mark.parametrize("family", FAMILIES)
def test_marks_are_known_and_bars_of_one_length(family):
    lengths = {len(marks) for pattern in FAMILIES[family] for marks in pattern.values()}
    assert len(lengths) == 1
    assert lengths <= {metre.steps for metre in METRES.values()}
    assert set("".join(m for p in FAMILIES[family] for m in p.values())) <= set("Xxo?hls.")


def test_every_genre_has_families_in_its_metres():
    assert set(GENRE_FAMILIES) == {genre.name for genre in GENRES}
    used = {family for chances in GENRE_FAMILIES.values() for family in chances}
    used |= {family for chances in METRE_FAMILIES.values() for family in chances}
    assert used == set(FAMILIES)
    assert set(METRE_FAMILIES) == set(METRES) - {"4/4"}


def test_pairs_are_whole():
    assert all(len(FAMILIES[family]) % 2 == 0 for family in PAIRED)
