from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.others import PARTS
from streamsep_offline.maker.repertoire import part_boosts


def test_boosts_name_parts_that_exist():
    for genre in GENRES:
        boosts = part_boosts(genre)
        assert set(boosts) <= set(PARTS)
        assert all(factor > 0.0 for factor in boosts.values())
