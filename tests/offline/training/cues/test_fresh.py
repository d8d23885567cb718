"""Examples that are made all along: ahead of the steps, used for a while, then gone; the same again."""

import dataclasses
import time

import numpy as np
import pytest

from streamsep_offline.training.cues.batches import CueFeed
from streamsep_offline.training.cues.fresh import AHEAD, FreshPool, ShardMaker
from streamsep_offline.training.cues.prepare import ShardOrder
from streamsep_offline.training.errors import ExamplesError

WINDOW, PACE = 2, 3


@pytest.fixture
def pool(tmp_path):
    return FreshPool(tmp_path, "made", 1.0, WINDOW, PACE)


@pytest.fixture
def maker(pool, cue_excerpts, spec):
    def order(number):
        return ShardOrder(pool.folder(number), cue_excerpts, 2 * number, 2)

    maker = ShardMaker(pool, order, spec, 1)
    yield maker
    maker.close()


def read(pool, shard, maker, steps):
    """First features of the batches of some steps, as a loop reads them."""
    feed, found = CueFeed([pool], [shard], 3, 1, 2.5), []
    maker.resumed(steps[0])
    for step in steps:
        found.append(feed.read(step, 0, 1)[0])
        maker.stepped(step + 1, 0.0, 0.0, 0.0, 0.0)
    return found


def numbers(pool):
    return {int(p.name[-3:]) for p in pool.root.glob("made-*") if p.name[-3:].isdecimal()}


def test_shards_come_before_they_are_wanted_and_go_when_they_are_used(
    pool, shard, maker, cue_excerpts, spec
):
    whole = read(pool, shard, maker, range(4 * PACE))
    seen = {batch.tobytes() for batch in whole}
    assert len(seen) == len(whole)
    limit_s = time.monotonic() + 60.0
    while numbers(pool) != set(range(4, 4 + WINDOW + AHEAD)) and time.monotonic() < limit_s:
        time.sleep(0.1)
    assert numbers(pool) == set(range(4, 4 + WINDOW + AHEAD)), (
        "the used are gone, the next are there"
    )
    maker.close()

    # A run that goes on needs shards that were deleted: they are made again, the same.
    again = ShardMaker(pool, maker._order, spec, 1)
    steps = range(2 * PACE, 3 * PACE)
    for a, b in zip(read(pool, shard, again, steps), whole[2 * PACE :], strict=False):
        assert np.array_equal(a, b)
    again.close()
    assert not list(pool.root.glob("*.part*")), "nothing half made stays"


def _gone(pieces):
    return tuple(dataclasses.replace(p, path=p.path.with_name("gone.flac")) for p in pieces)


def test_who_waits_hears_why_there_are_no_examples(pool, shard, maker, cue_excerpts, spec):
    songs = tuple(
        dataclasses.replace(s, pieces={k: _gone(v) for k, v in s.pieces.items()})
        for s in cue_excerpts.songs
    )
    missing = dataclasses.replace(cue_excerpts, songs=songs)
    broken = ShardMaker(pool, lambda n: ShardOrder(pool.folder(n), missing, 0, 2), spec, 1)
    with pytest.raises(
        ExamplesError, match=r"no new examples in .*gone.flac.*; mend that, and go on with"
    ):
        read(pool, shard, broken, [0])
    broken.close()
    # Mended, it goes on.
    assert len(read(pool, shard, maker, [0])) == 1
