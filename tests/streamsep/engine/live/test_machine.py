"""The layout that `pack_value` writes is the one that numba reads."""

from typing import NamedTuple

import numba
import numpy as np

from streamsep.engine.live.machine import Block, loader


class Inner(NamedTuple):
    gain: np.float32
    count: int
    table: np.ndarray


class Outer(NamedTuple):
    pair: tuple[int, int]
    inner: Inner
    small: np.float32
    rows: np.ndarray


def test_packed_values_are_read_back_by_machine_code():
    value = Outer(
        (3, -7),
        Inner(np.float32(0.25), 11, np.arange(6, dtype=np.float32).reshape(2, 3)),
        np.float32(1.5),
        np.arange(4, dtype=np.int64),
    )
    load = loader(lambda: numba.typeof(value))

    @numba.njit
    def read(address):
        v = load(address)
        v.rows[3] = 99
        return v.pair[1], v.inner.gain, v.inner.count, v.inner.table[1, 2], v.small, v.rows[2]

    block = Block(value)
    assert read(block.address) == (-7, 0.25, 11, 5.0, 1.5, 2)
    assert value.rows[3] == 99  # borrowed, not copied
