"""State as one flat block of float32, seen through a named tuple of views.

A kernel reads `state.history[c, n]`; a reset, a snapshot or a lock into memory acts on the flat block.
Nothing is allocated after `allocate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

_ALIGNMENT = 16
"""Views start at multiples of 16 floats: one cache line, one AVX-512 register."""


class Arena(NamedTuple):
    """A flat block and the named tuple of views into it."""

    flat: np.ndarray
    views: Any


def allocate(view_type: type, shapes: Mapping[str, tuple[int, ...]]) -> Arena:
    """Zeroed float32 memory for every field of a NamedTuple class.

    Args:
        view_type: NamedTuple class whose fields are the keys of `shapes`.
        shapes: Shape of each field.
    """
    offsets, end = {}, 0
    for name, shape in shapes.items():
        offsets[name] = end
        end += -(-math.prod(shape) // _ALIGNMENT) * _ALIGNMENT
    raw = np.zeros(end + _ALIGNMENT, np.float32)
    skip = (-raw.ctypes.data // raw.itemsize) % _ALIGNMENT
    flat = raw[skip : skip + end]
    fields = {
        name: flat[offsets[name] : offsets[name] + math.prod(shape)].reshape(shape)
        for name, shape in shapes.items()
    }
    return Arena(flat, view_type(**fields))
