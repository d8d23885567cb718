"""The transform of many streams: what each remembers, and work space that they take in turns.

A stream's frame needs its memory only while it is at hand. So a thread has one work space, small enough
to stay in its nearest cache, and a few spectra more: those of a *group* of streams, which wait between
features and masks while the matrices are read once for all of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from streamsep.engine.compiled.arena import Arena, allocate
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.frame import FrameState, frame_shapes
from streamsep.spec import StreamSpec


class FrameMemory(NamedTuple):
    """What the transforms of all streams remember; see `FrameState`. All zero at the start.

    Attributes:
        history: [slots, channels, n_fft]
        overlap: [slots, estimated, channels, S - hop]
        places: [slots, ...]
    """

    history: np.ndarray
    overlap: np.ndarray
    places: np.ndarray


class FrameWork(NamedTuple):
    """Work space of a thread; see `FrameState`.

    Attributes:
        re: [group, channels, bins]
        im: [group, channels, bins]
        masks: [targets, channels, bins]
        scratch: [n_fft]
        product: [2, bins]
        weighted: Of the Wiener filter.
        rows: The same.
        filtered: The same.
    """

    re: np.ndarray
    im: np.ndarray
    masks: np.ndarray
    scratch: np.ndarray
    product: np.ndarray
    weighted: np.ndarray
    rows: np.ndarray
    filtered: np.ndarray


def make_frame_memory(spec: StreamSpec, capacity: int) -> FrameMemory:
    """Zeroed memory of `capacity` streams."""
    return allocate_many(FrameMemory, frame_shapes(spec), capacity).views


def make_frame_work(spec: StreamSpec, group: int) -> FrameWork:
    """Work space of a thread."""
    return allocate_work(FrameWork, frame_shapes(spec), ("re", "im"), group)


def allocate_many(view_type: Any, shapes: dict[str, tuple[int, ...]], capacity: int) -> Arena:
    """Zeroed memory of the fields of a NamedTuple class for every slot, slots first."""
    return allocate(view_type, {name: (capacity, *shapes[name]) for name in view_type._fields})


def allocate_work(
    view_type: Any, shapes: dict[str, tuple[int, ...]], of_group: tuple[str, ...], group: int
) -> Any:
    """Work space with the fields of a NamedTuple class; some of them for every stream of a group."""
    chosen = {
        name: (group, *shapes[name]) if name in of_group else shapes[name]
        for name in view_type._fields
    }
    return allocate(view_type, chosen).views


@kernel
def frame_at(memory, work, slot, i):
    """`FrameState` of the stream in a slot, which is number i of its group.

    Latency: 0. Thread: the work space's. Allocates: no. In place: nothing.
    """
    return FrameState(
        memory.history[slot],
        work.re[i],
        work.im[i],
        work.masks,
        memory.overlap[slot],
        work.scratch,
        work.product,
        memory.places[slot],
        work.weighted,
        work.rows,
        work.filtered,
    )
