"""The desk: what a live path shares with whoever controls it, in one flat block of memory.

The block may be shared between processes. One side writes events, the other carries them out; every
counter has one writer; nothing is locked. The layout is `Desk.layout`: fields in order, each on a multiple
of 64 bytes. A native plug-in can speak it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.inserts import (
    N_GROUPS,
    N_INSERT_COUNTS,
    N_LANE_COUNTS,
    N_LANES,
    ROWS,
)
from streamsep.engine.live.intake import N_INTAKE
from streamsep.engine.live.machine import store_release
from streamsep.engine.live.memory import (
    BYPASS,
    EVENTS_READ,
    EVENTS_WRITTEN,
    FADER,
    MASTER,
    MAX_TARGETS,
    N_COUNTS,
    N_EVENTS,
    N_LOADS,
    NEXT,
    PENDING,
    SWITCH,
    SWITCH_SENT,
    TIME,
)
from streamsep.errors import EngineError


class Desk:
    """Views of the block; see the module's docstring.

    Args:
        channels: Of every stem.
        record_frames: Frames that the recorder's ring holds; 0 has no recorder.
        buffer: Memory of at least `n_bytes`; None allocates.
        rack_frames: Samples that the rings of racks hold, a power of two; 0 has none.

    Attributes:
        counts: Counters of `streamsep.engine.live.memory`. int64
        peaks: Peak of input, stems, mix, falling. float64 [MAX_TARGETS + 2, channels]
        powers: Mean power of the same.
        lowest_gain: Of the limiter; whoever looks puts it back to 1. float64 [1]
        loads: Histogram of the callbacks' load. int64 [N_LOADS]
        intake: Counters of `streamsep.engine.live.intake`. int64 [N_INTAKE]
        record: float32 [frames, (MAX_TARGETS + 2) x channels]
        rack_counts: Counters of `streamsep.engine.live.inserts`. int64 [N_INSERT_COUNTS]
        rack_lanes: The same, of every lane. int64 [N_LANES, N_LANE_COUNTS]
        rack_sent: What goes to racks. float32 [N_GROUPS, ROWS, channels, rack_frames]
        rack_returned: What comes back. float32 [N_LANES, channels, rack_frames]
    """

    def __init__(
        self,
        channels: int,
        record_frames: int = 0,
        buffer: memoryview | None = None,
        rack_frames: int = 0,
    ) -> None:
        size = n_bytes(channels, record_frames, rack_frames)
        self._memory = np.zeros(size, np.uint8) if buffer is None else buffer
        views = {}
        fields = layout(channels, record_frames, rack_frames)
        for name, (offset, dtype, shape) in fields.items():
            count = math.prod(shape)
            views[name] = np.frombuffer(self._memory, dtype, count, offset).reshape(shape)
        self.counts: np.ndarray = views["counts"]
        self.event_times: np.ndarray = views["event_times"]
        self.event_kinds: np.ndarray = views["event_kinds"]
        self.event_indices: np.ndarray = views["event_indices"]
        self.event_ramps: np.ndarray = views["event_ramps"]
        self.event_values: np.ndarray = views["event_values"]
        self.peaks: np.ndarray = views["peaks"]
        self.powers: np.ndarray = views["powers"]
        self.lowest_gain: np.ndarray = views["lowest_gain"]
        self.loads: np.ndarray = views["loads"]
        self.intake: np.ndarray = views["intake"]
        self.record: np.ndarray = views["record"]
        self.rack_counts: np.ndarray = views["rack_counts"]
        self.rack_lanes: np.ndarray = views["rack_lanes"]
        self.rack_sent: np.ndarray = views["rack_sent"]
        self.rack_returned: np.ndarray = views["rack_returned"]

    @property
    def n_waiting(self) -> int:
        """Events that are not carried out yet."""
        return int(self.counts[EVENTS_WRITTEN] - self.counts[EVENTS_READ])

    @property
    def time(self) -> int:
        """Samples played since the start."""
        return int(self.counts[TIME])

    @property
    def is_changing(self) -> bool:
        """Whether another slot is on its way, or will be by an event that waits."""
        is_sent = (
            self.counts[EVENTS_READ] < self.counts[SWITCH_SENT]
        )  # first: it becomes the others
        return bool(is_sent or self.counts[PENDING] >= 0 or self.counts[NEXT] >= 0)

    def move_fader(
        self, slot: int, stem: int, matrix: np.ndarray, ramp: int, time: int = 0
    ) -> None:
        """Send a stem's fader on its way.

        Args:
            slot: Index of the slot whose stem it is.
            stem: Index among the slot's stems.
            matrix: `streamsep.mixer.StemControl.matrix`. [channels, channels]
            ramp: In so many samples.
            time: Sample at which it begins; in the past means at once.
        """
        self.send(FADER, slot << 8 | stem, matrix_entries(matrix), ramp, time)

    def set_bypass(self, share: float, ramp: int, time: int = 0) -> None:
        """Fade to a share of the aligned dry mixture: 1 is nothing else, 0 nothing of it."""
        self.send(BYPASS, 0, (float(share),), ramp, time)

    def set_master(self, gain: float, ramp: int, time: int = 0) -> None:
        """Gain of all that is heard."""
        self.send(MASTER, 0, (gain,), ramp, time)

    def change_slot(self, slot: int, warm_up: int, fade: int) -> None:
        """Go over to a slot that `LiveEngine.place` has made ready.

        Args:
            slot: Its index.
            warm_up: Samples for which it listens before it is faded in; at least its latency.
            fade: Samples of the cross-fade.
        """
        # Told before it is sent: the change may be under way at once.
        self.counts[SWITCH_SENT] = self.counts[EVENTS_WRITTEN] + 1
        self.send(SWITCH, slot, (float(warm_up),), fade)

    def send(
        self, kind: int, index: int, values: Sequence[float], ramp: int, time: int = 0
    ) -> None:
        """Queue an event; those of the same time, or of none, are carried out in the order of sending.

        Args:
            kind: See `streamsep.engine.live.memory`.
            index: What it acts on.
            values: At most four.
            ramp: Samples in which to get there.
            time: Sample at which it begins; in the past means at once.

        Raises:
            EngineError: Too many events wait; the audio has stopped.

        Thread: one, or several that share a lock.
        """
        if self.n_waiting >= N_EVENTS:
            raise EngineError(
                f"{N_EVENTS} controls wait for the audio, which has stopped; start it again"
            )
        at = int(self.counts[EVENTS_WRITTEN])
        i = at % N_EVENTS
        self.event_times[i], self.event_kinds[i], self.event_indices[i] = time, kind, index
        self.event_ramps[i] = ramp
        self.event_values[i] = 0.0
        self.event_values[i, : len(values)] = values
        _publish(self.counts, at + 1)


def matrix_entries(matrix: np.ndarray) -> tuple[float, ...]:
    """The four entries of a stem's fader as the path keeps them. [channels, channels]"""
    whole = np.zeros((2, 2))
    whole[: len(matrix), : len(matrix)] = matrix
    return tuple(float(x) for x in whole.ravel())


@kernel
def _publish(counts: np.ndarray, n_events: int) -> None:
    """The events before are written; not before they are."""
    store_release(counts, EVENTS_WRITTEN, n_events)


def layout(
    channels: int, record_frames: int, rack_frames: int = 0
) -> dict[str, tuple[int, type[np.generic], tuple[int, ...]]]:
    """Offset in bytes, type and shape of every field."""
    sources, ring = MAX_TARGETS + 2, max(rack_frames, 1)
    fields: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
        "counts": (np.int64, (N_COUNTS,)),
        "event_times": (np.int64, (N_EVENTS,)),
        "event_kinds": (np.int64, (N_EVENTS,)),
        "event_indices": (np.int64, (N_EVENTS,)),
        "event_ramps": (np.int64, (N_EVENTS,)),
        "event_values": (np.float64, (N_EVENTS, 4)),
        "peaks": (np.float64, (sources, channels)),
        "powers": (np.float64, (sources, channels)),
        "lowest_gain": (np.float64, (1,)),
        "loads": (np.int64, (N_LOADS,)),
        "intake": (np.int64, (N_INTAKE,)),
        "record": (np.float32, (max(record_frames, 1), sources * channels)),
        "rack_counts": (np.int64, (N_INSERT_COUNTS,)),
        "rack_lanes": (np.int64, (N_LANES, N_LANE_COUNTS)),
        "rack_sent": (np.float32, (N_GROUPS, ROWS, channels, ring)),
        "rack_returned": (np.float32, (N_LANES, channels, ring)),
    }
    placed, offset = {}, 0
    for name, (dtype, shape) in fields.items():
        placed[name] = (offset, dtype, shape)
        size = math.prod(shape) * np.dtype(dtype).itemsize
        offset += -(-size // 64) * 64
    return placed


def n_bytes(channels: int, record_frames: int, rack_frames: int = 0) -> int:
    """Bytes of the block."""
    offset, dtype, shape = list(layout(channels, record_frames, rack_frames).values())[-1]
    return offset + math.prod(shape) * np.dtype(dtype).itemsize
