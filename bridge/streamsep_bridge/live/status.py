"""How a live session is: levels, latency, load, and what went wrong."""

from __future__ import annotations

import collections
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.intake import GAPS, LATENCY_NS, LOST_BLOCKS
from streamsep.engine.live.memory import (
    DROPPED,
    LATE,
    LATE_RACKS,
    LOAD_STEP,
    MAX_TARGETS,
    N_CALLBACKS,
    OVERFLOWS,
    OVERLOADS,
    UNDERFLOWS,
)
from streamsep.units import samples_to_ms

MINUTE_S = 60.0

_COUNTED = {
    "xruns": (UNDERFLOWS, OVERFLOWS),
    "late_hops": (LATE,),
    "late_racks": (LATE_RACKS,),
    "overloads": (OVERLOADS,),
    "dropped_frames": (DROPPED,),
    "callbacks": (N_CALLBACKS,),
}


@dataclass(frozen=True)
class Status:
    """One look at a session.

    Attributes:
        state: "starting", "playing", "waiting" (for a device) or "stopped".
        reason: Why it waits.
        facts: Preset, profile, stems, devices, rate, block size; empty before it plays.
        time: Samples played since the audio process started.
        latency_ms: The algorithm's, and that of the ring between two clocks.
        buffer_ms: Of the device's buffers, input and output together; None where it does not say.
        load_p99: 99th percentile over a minute of the callback's share of its block's time.
        load_max: The largest.
        peaks_db: Peak of input, every stem, mix in dBFS, by name, falling.
        rms_db: Mean power of the same.
        gain_reduction_db: Most that the limiter took off since the last look.
        xruns: Gaps that the driver reported.
        late_hops: Times that stems were late and the dry mixture was heard.
        overloads: Callbacks that took longer than their block.
        dropped_frames: Frames that a recorder missed.
        callbacks: Of the audio.
        gaps: Times that the ring between input and output was empty, or had piled up.
        restarts: Times that the audio process was started anew.
        intake_ms: The ring's part of the latency; 0 where one stream is input and output.
        source: Of a file that is the input, see `Source.describe`; None is a device.
        late_racks: Times that a rack was late and the unprocessed sound was heard.
        racks: State of every rack, by name: "on", "bypassed" or "left out".
    """

    state: str
    reason: str
    facts: dict[str, Any]
    time: int = 0
    latency_ms: float = 0.0
    buffer_ms: float | None = None
    load_p99: float = 0.0
    load_max: float = 0.0
    peaks_db: dict[str, float] = field(default_factory=dict)
    rms_db: dict[str, float] = field(default_factory=dict)
    gain_reduction_db: float = 0.0
    xruns: int = 0
    late_hops: int = 0
    overloads: int = 0
    dropped_frames: int = 0
    callbacks: int = 0
    gaps: int = 0
    restarts: int = 0
    intake_ms: float = 0.0
    source: dict[str, Any] | None = None
    late_racks: int = 0
    racks: dict[str, str] = field(default_factory=dict)


class Totals:
    """Counts over all audio processes of a session, and the load of the last minute."""

    def __init__(self) -> None:
        self._past = dict.fromkeys((*_COUNTED, "gaps"), 0)
        self._loads: collections.deque[tuple[float, np.ndarray]] = collections.deque()
        self.restarts = 0

    def add(self, desk: Desk) -> None:
        """An audio process has ended: keep its counts."""
        for name, value in _read_counts(desk).items():
            self._past[name] += value
        self._loads.clear()

    def counts(self, desk: Desk | None) -> dict[str, int]:
        """All counts so far."""
        now = {} if desk is None else _read_counts(desk)
        return {name: past + now.get(name, 0) for name, past in self._past.items()}

    def watch(self, desk: Desk) -> None:
        """Remember the loads of now; call it about once a second."""
        now = time.monotonic()
        self._loads.append((now, desk.loads.copy()))
        while len(self._loads) > 2 and now - self._loads[1][0] > MINUTE_S:
            self._loads.popleft()

    def load(self, desk: Desk) -> tuple[float, float]:
        """99th percentile and maximum of the last minute's loads."""
        before = self._loads[0][1] if self._loads else 0
        counts = desk.loads - before
        if not counts.any():
            return 0.0, 0.0
        reached = np.searchsorted(np.cumsum(counts), 0.99 * counts.sum())
        return (int(reached) + 1) * LOAD_STEP, (int(np.flatnonzero(counts)[-1]) + 1) * LOAD_STEP


def _read_counts(desk: Desk) -> dict[str, int]:
    counts = {name: sum(int(desk.counts[i]) for i in rows) for name, rows in _COUNTED.items()}
    counts["xruns"] += int(desk.intake[LOST_BLOCKS])
    return {**counts, "gaps": int(desk.intake[GAPS])}


def look(
    desk: Desk | None,
    totals: Totals,
    state: str,
    reason: str,
    facts: dict[str, Any],
    source: dict[str, Any] | None = None,
    racks: dict[str, str] | None = None,
    is_peek: bool = False,
) -> Status:
    """The status of a session.

    Args:
        desk: Of the audio process; None where there is none.
        totals: Of the session.
        state: As of `Status`.
        reason: As of `Status`.
        facts: As of `Status`.
        source: As of `Status`.
        racks: As of `Status`.
        is_peek: Leave the limiter's mark for the next look.
    """
    counts, racks = totals.counts(desk), racks or {}
    if desk is None or not facts:
        n_starts = totals.restarts
        return Status(state, reason, facts, restarts=n_starts, source=source, racks=racks, **counts)
    load_p99, load_max = totals.load(desk)
    levels = read_levels(desk, facts["stems"])
    intake_ms = int(desk.intake[LATENCY_NS]) / 1e6
    lowest = float(desk.lowest_gain[0])
    if not is_peek:
        desk.lowest_gain[0] = 1.0
    return Status(
        state,
        reason,
        facts,
        time=desk.time,
        latency_ms=samples_to_ms(facts["latency_samples"], facts["sample_rate"]) + intake_ms,
        buffer_ms=facts["buffer_ms"],
        load_p99=load_p99,
        load_max=load_max,
        peaks_db={name: peak_db for name, (peak_db, _) in levels.items()},
        rms_db={name: rms_db for name, (_, rms_db) in levels.items()},
        gain_reduction_db=-20.0 * float(np.log10(min(max(lowest, 1e-6), 1.0))) if lowest else 0.0,
        restarts=totals.restarts,
        intake_ms=intake_ms,
        source=source,
        racks=racks,
        **counts,
    )


def read_levels(desk: Desk, stems: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Falling peak and mean power in dBFS of input, stems, mix, by name.

    Args:
        desk: Of the audio process.
        stems: Names, in the model's order.
    """
    rows = {"input": 0, "mix": MAX_TARGETS + 1} | {name: 1 + i for i, name in enumerate(stems)}
    return {
        name: (
            20.0 * float(np.log10(desk.peaks[i].max() + 1e-6)),
            10.0 * float(np.log10(desk.powers[i].mean() + 1e-12)),
        )
        for name, i in rows.items()
    }
