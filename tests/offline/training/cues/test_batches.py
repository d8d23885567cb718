import itertools
import pickle

import numpy as np
import pytest

from streamsep_offline.training.cues.batches import WINDOW, CueFeed, Pool
from streamsep_offline.training.cues.shards import ONE_WAY, example_arrays
from streamsep_offline.training.errors import ExamplesError

ALL = example_arrays(is_both_ways=True, has_fine=True)


def test_batches_depend_on_seed_and_step_only(shard):
    feed = CueFeed([Pool((shard,), 1.0)], [shard], 3, 1, 2.5)
    a, b, c = (feed.read(step, 0, 1) for step in (0, 0, 1))
    assert np.array_equal(a[0], b[0])
    assert not np.array_equal(a[0], c[0])
    copied = pickle.loads(pickle.dumps(feed)).read(0, 0, 1)
    assert np.array_equal(a[0], copied[0])
    assert len(pickle.dumps(feed)) < 10_000  # the files stay where they are
    parts = [feed.read(0, part, 2) for part in (0, 1)]
    assert np.array_equal(a[0][0::2], parts[0][0])
    assert np.array_equal(a[0][1::2], parts[1][0])
    assert feed.seconds == 7.5


def test_the_select_list_is_read_whole(shard):
    feed = CueFeed([Pool((shard,), 1.0)], [shard, shard], 3, 1, 2.5)
    assert sum(len(feed.read_select(i)[0]) for i in range(feed.n_select())) == 8


def test_batches_come_from_a_window_that_reaches_every_shard():
    pool = Pool(tuple(range(WINDOW + 5)), 1.0, steps_per_shard=7)
    windows = [pool.at(step) for step in range(0, 7 * len(pool.folders))]
    assert all(len(window) == WINDOW for window in windows)
    assert {s for window in windows for s in window} == set(pool.folders)
    moved = [a != b for a, b in itertools.pairwise(windows)]
    assert sum(moved) == len(pool.folders) - 1


def test_batches_hold_what_the_model_hears(shard, both_ways_shard):
    forwards, both = (
        CueFeed([Pool((both_ways_shard,), 1.0)], [both_ways_shard], 3, 1, 2.5, names)
        for names in (ONE_WAY, ALL)
    )
    a, b = forwards.read(0, 0, 1), both.read(0, 0, 1)
    assert (len(a), len(b)) == (len(ONE_WAY), len(ALL))
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=False))
    assert all(x.dtype == np.float16 for x in b[len(ONE_WAY) :]), "as stored; the task widens them"
    assert len(both.read_select(0)) == len(ALL)
    older = CueFeed([Pool((shard,), 1.0)], [shard], 3, 1, 2.5, ALL)
    with pytest.raises(ExamplesError, match=r"models that hear less .*; delete it"):
        older.read(0, 0, 1)
