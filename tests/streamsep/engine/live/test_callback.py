"""The callbacks as PortAudio calls them: by address, with addresses. Those of whole streams: tests/rig."""

import ctypes

import numpy as np

from streamsep.engine.live.callback import CONTINUE, capture_address
from streamsep.engine.live.intake import (
    BLOCKS_GIVEN,
    LONGEST_GIVEN,
    LOST_BLOCKS,
    N_INTAKE,
    WRITTEN,
    make_device_intake,
)

INPUT_OVERFLOW = 2


def test_the_blocks_of_a_device_are_in_its_ring():
    counts = np.zeros(N_INTAKE, np.int64)
    held = make_device_intake(2, 48000, 44100, counts)
    call = ctypes.CFUNCTYPE(*(ctypes.c_ssize_t,) * 7)(capture_address())
    blocks = [np.arange(2 * n, dtype=np.float32).reshape(n, 2) + n for n in (480, 100)]
    for flags, block in zip((0, INPUT_OVERFLOW), blocks, strict=True):
        address = block.ctypes.data
        assert call(address, 0, len(block), 0, flags, held.block.address) == CONTINUE
    assert call(0, 0, 480, 0, 0, held.block.address) == CONTINUE  # nothing came
    np.testing.assert_array_equal(held.intake.ring[:580], np.concatenate(blocks))
    assert (counts[WRITTEN], counts[BLOCKS_GIVEN], counts[LONGEST_GIVEN]) == (580, 2, 480)
    assert counts[LOST_BLOCKS] == 1
    assert held.intake.clock_in[0] > 0.0
