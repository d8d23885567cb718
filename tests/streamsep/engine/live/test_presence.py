"""Stems that are late fade to the dry mixture and back, without corners and without fluttering."""

import numpy as np

from streamsep.engine.live.presence import FADE, REST, follow_presence


def shares(pieces):
    """The share of the stems through pieces (samples, are the stems there); from all there."""
    position, rest, found = 1.0, 0, []
    for m, is_there in pieces:
        wetness = np.ones(m)
        position, rest = follow_presence(position, rest, is_there, m, wetness)
        found.append(wetness)
    return np.concatenate(found)


def test_all_stays_where_the_stems_are():
    assert np.all(shares([(256, True)] * 4) == 1.0)


def test_a_late_hop_is_a_fade_a_rest_and_a_fade():
    share = shares([(64, False), (8192, True)])
    assert np.all(np.diff(share[:FADE]) < 0.0)
    assert np.all(share[FADE - 1 : FADE + REST] == 0.0)
    assert np.all(np.diff(share[FADE + REST : 2 * FADE + REST]) > 0.0)
    assert np.all(share[2 * FADE + REST :] == 1.0)


def test_a_fade_has_no_corners():
    share = np.concatenate([np.ones(8), shares([(16, False), (4096, True)])])
    corner = np.abs(np.diff(share, 2)).max()
    assert corner < 7.0 / FADE**2  # a straight line's is 1 / FADE


def test_a_worker_that_struggles_does_not_flutter():
    share = shares([(64, i % 3 > 0) for i in range(64)])
    assert np.all(share[FADE:] == 0.0)
