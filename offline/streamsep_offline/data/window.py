"""A window that moves along a shuffled list of songs: what examples use where not all fit the disk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from streamsep_offline.data.song import Song


def songs_in_window(
    songs: Sequence[Song], position: int, n_examples: int, n_songs: int, seed: int
) -> list[Song]:
    """Songs that an example may use; each epoch walks once through all of them, in a new order.

    Args:
        songs: All.
        position: Of the example, counted through the epochs.
        n_examples: In an epoch.
        n_songs: Size of the window.
        seed: Of the orders.
    """
    n = len(songs)
    first, found = position * n // n_examples, []
    orders: dict[int, np.ndarray] = {}
    for turn, place in (divmod(k, n) for k in range(first, first + n_songs)):
        if turn not in orders:
            orders[turn] = np.random.default_rng((seed, 3, turn)).permutation(n)
        found.append(songs[orders[turn][place]])
    return found
