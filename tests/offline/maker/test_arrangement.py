from dataclasses import replace

import numpy as np
import pytest

from streamsep_offline.maker.arrangement import entering
from streamsep_offline.maker.form import STEM_PARTS


@pytest.fixture
def takes(make_take):
    return [replace(make_take("pop", 30.0), seed=(k,)) for k in range(40)]


def shares(take, index):
    """Share of the song's bars with chords or leads in which a part may play."""

    def played(plan):
        return [any(plan.plays(p, bar) for p in ("chords", "lead")) for bar in range(plan.n_bars)]

    whole = played(take.plan)
    return np.sum(played(entering(take, index).plan)) / max(1, np.sum(whole))


def test_first_part_plays_everywhere(takes):
    assert all(entering(take, 0) is take for take in takes)


def test_further_parts_come_in_where_the_song_is_full_or_later(takes):
    found = [shares(take, index) for take in takes for index in (1, 2)]
    assert 0.2 < np.mean([share == 1.0 for share in found]) < 0.8
    assert min(found) >= 0.0
    assert np.mean(found) > 0.6


def test_only_the_stem_itself_is_thinned(takes):
    for take in takes:
        thinned = entering(take, 1).plan
        assert thinned.breaks == take.plan.breaks
        for before, after in zip(take.plan.sections, thinned.sections, strict=True):
            assert before.playing - after.playing <= STEM_PARTS["other"]


def test_entries_do_not_depend_on_what_the_part_drew(make_take):
    take = make_take("pop", 30.0)
    first = entering(take, 1).plan
    take.rng.random(100)
    assert entering(take, 1).plan == first
