"""`RingReader`: takes frames out of a desk's ring, and says where some are missing.

The callback writes, this side reads; nothing is locked. What was read is marked before it is given back:
a stem's place that still holds the mark was not written, so every frame tells how many stems it has.

The callback counts frames that did not fit, but not where. They are missing where the ring was full: at the
last frame that was written when they were counted. That is the place to the sample for pieces of one size,
and less than `CHUNK` samples beside it where pieces differ. The count is exact, so what follows is in place.
"""

from __future__ import annotations

import collections
from dataclasses import dataclass

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.desk import Desk
from streamsep.engine.live.machine import load_acquire, store_release
from streamsep.engine.live.memory import (
    DROPPED,
    IS_RECORDING,
    MAX_TARGETS,
    RECORD_READ,
    RECORD_WRITTEN,
)
from streamsep.engine.live.slot import CHUNK

PIECE = 8192
"""Most frames taken at a time: few enough to hold, many enough to catch up quickly."""

_MARK = np.nan  # the engine never gives it


@dataclass(frozen=True)
class Piece:
    """Frames that follow each other.

    Attributes:
        n_lost: Frames missing before them.
        n_stems: Stems that they have.
        frames: Input, stems, mix. float32 [n, MAX_TARGETS + 2, channels]
    """

    n_lost: int
    n_stems: int
    frames: np.ndarray


class RingReader:
    """Reads the ring of one desk, from now on; one reader a desk at a time.

    Args:
        desk: With room for records.

    Thread: one, not the audio's. Allocates: yes.
    """

    def __init__(self, desk: Desk) -> None:
        self._counts, self._record = desk.counts, desk.record
        self._sources = (MAX_TARGETS + 2, desk.record.shape[1] // (MAX_TARGETS + 2))
        self._record[:] = _MARK
        self._written, self._dropped = _look(self._counts)
        self._read = self._written
        self._gaps: collections.deque[tuple[int, int]] = collections.deque()
        _store(self._counts, RECORD_READ, self._read)
        _store(self._counts, IS_RECORDING, 1)

    def count_waiting(self) -> int:
        """Frames to come, those missing among them."""
        self._see()
        return self._written - self._read + sum(n for _, n in self._gaps)

    def take(self) -> Piece | None:
        """The next frames, at most `PIECE`, all with the same stems; None where there are none yet."""
        self._see()
        n_lost = 0
        while self._gaps and self._gaps[0][0] <= self._read:
            n_lost += self._gaps.popleft()[1]
        end = min(self._written, self._read + PIECE, *(at for at, _ in self._gaps))
        if end == self._read and not n_lost:
            return None
        rows = np.arange(self._read, end) % len(self._record)
        frames = self._record[rows].reshape(-1, *self._sources)
        n_stems = np.count_nonzero(~np.isnan(frames[:, 1:-1, 0]), axis=1)
        if len(frames):
            changes = np.flatnonzero(n_stems != n_stems[0])
            n = int(changes[0]) if len(changes) else len(frames)
            self._give_back(rows[:n])
            frames = frames[:n]
        return Piece(n_lost, int(n_stems[0]) if len(frames) else 0, frames)

    def close(self) -> None:
        """Let the callback write no more; what it has written can still be taken."""
        _store(self._counts, IS_RECORDING, 0)

    def _give_back(self, rows: np.ndarray) -> None:
        self._record[rows] = _MARK
        self._read += len(rows)
        _store(self._counts, RECORD_READ, self._read)
        self._see()  # what was dropped until now is missing before what comes now

    def _see(self) -> None:
        """Note what was written, and where some was dropped since the last look."""
        before = self._written
        self._written, dropped = _look(self._counts)
        if dropped != self._dropped:
            is_full = self._written + CHUNK > self._read + len(self._record)
            self._gaps.append((self._written if is_full else before, dropped - self._dropped))
            self._dropped = dropped


@kernel
def _look(counts: np.ndarray) -> tuple[int, int]:
    """Frames written and dropped, both of one moment."""
    while True:
        dropped = load_acquire(counts, DROPPED)
        written = load_acquire(counts, RECORD_WRITTEN)
        if load_acquire(counts, DROPPED) == dropped:
            return written, dropped


@kernel
def _store(counts: np.ndarray, index: int, value: int) -> None:
    """What this side did before is done; not before it is."""
    store_release(counts, index, value)
