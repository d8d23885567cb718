"""`classic` for many streams: there are no weights to share, so one stream follows the other."""

from __future__ import annotations

from streamsep.engine.compiled.arena import Arena
from streamsep.engine.compiled.batch_frame import allocate_many, frame_at
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.classic import ClassicState, hop, make_plan, make_state
from streamsep.spec import StreamSpec

__all__ = ["GROUP", "hops", "make_memory", "make_plan", "make_work"]

GROUP = 1
"""Streams whose spectra wait for each other."""


def make_memory(plan, spec: StreamSpec, capacity: int) -> Arena:
    """Zeroed memory of all streams; see `ClassicState`."""
    views = make_state(plan, spec).views
    shapes = {name: view.shape for name, view in views._asdict().items()}
    return allocate_many(ClassicState, shapes, capacity)


def make_work(plan, spec: StreamSpec) -> tuple[int]:
    """No work space of its own; numba has no name for an empty tuple of arrays."""
    del plan, spec
    return (0,)


@kernel
def hops(slots, samples, stems, frame_plan, frames, frame_work, plan, memory, work):
    """One hop of mixture to one hop of every estimated stem, for some streams.

    Args:
        slots: Which. int64 [n]
        samples: Finite mixture. [n, channels, hop]
        stems: Written. [n, estimated, channels, hop]
        frame_plan: Windows and FFT of the thread.
        frames: `FrameMemory`.
        frame_work: `FrameWork` of the thread.
        plan: Constants of the cues.
        memory: `ClassicState` with slots first.
        work: None.

    Latency: S - hop. Thread: one per work space. Allocates: no. In place: stems, frames, memory, work.
    """
    for i in range(slots.shape[0]):
        slot = slots[i]
        state = ClassicState(
            memory.position[slot],
            memory.recent[slot],
            memory.ordered[slot],
            memory.magnitude[slot],
            memory.window[slot],
            memory.cross[slot],
            memory.power[slot],
            memory.peak[slot],
        )
        hop(samples[i], stems[i], frame_plan, frame_at(frames, frame_work, slot, 0), plan, state)
