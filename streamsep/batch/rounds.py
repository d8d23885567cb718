"""Rounds of a batch: which hops are due, one step of the backend for all of them, stems to their streams."""

from __future__ import annotations

import threading
import time

import numpy as np

from streamsep.batch.backend import HopBackend
from streamsep.batch.rings import Rings
from streamsep.errors import EngineError


class Rounds:
    """The runner's side of a batch.

    Args:
        backend: What runs the model; closed with this.
        rings: Memory of all streams.
        gather_s: See `StreamBatch`.

    Attributes:
        lock: Held while memory changes hands, never during a step; guards `rings` against joins.
        n_late: Hops done after their deadline.

    Latency: S - hop. Thread: any, one round at a time. Allocates: here only. In place: own state.
    """

    def __init__(self, backend: HopBackend, rings: Rings, gather_s: float) -> None:
        spec, capacity = backend.spec, backend.capacity
        self._backend: HopBackend | None = backend
        self._rings, self._gather_s, self._hop_s = rings, gather_s, spec.hop_s
        self._hops = np.zeros((capacity, spec.channels, spec.profile.hop), np.float32)
        shape = (capacity, len(spec.estimated), spec.channels, spec.profile.hop)
        self._stems = np.zeros(shape, np.float32)
        self._slots, self._arrived_s = np.zeros(capacity, np.int64), np.zeros(capacity)
        self._fresh: set[int] = set()
        self._running, self.lock = threading.Lock(), threading.Lock()
        self.n_late = 0

    def begin(self, slot: int, latency_samples: int) -> None:
        """Make a slot the start of a stream; the backend hears of it before its next hop."""
        self._rings.begin(slot, latency_samples)
        self._fresh.add(slot)

    def run(self, now_s: float | None, max_hops: int | None) -> int:
        """See `StreamBatch.run`."""
        start_s = time.monotonic()
        now_s = start_s if now_s is None else now_s
        with self._running:
            with self.lock:
                backend = self.open_backend()
                while self._fresh:
                    backend.reset(self._fresh.pop())
                n = self._choose(now_s, max_hops)
                slots = self._slots[:n]
                self._rings.collect(slots, self._hops)
            if n:
                backend.step(slots, self._hops[:n], self._stems[:n])
                with self.lock:
                    self._rings.deliver(slots, self._stems)
                end_s = now_s + time.monotonic() - start_s
                self.n_late += int(np.count_nonzero(self._arrived_s[:n] + self._hop_s < end_s))
        return n

    def close(self) -> None:
        """Close the backend; twice is harmless."""
        with self._running, self.lock:
            if self._backend is not None:
                self._backend.close()
                self._backend = None

    def open_backend(self) -> HopBackend:
        """The backend.

        Raises:
            EngineError: It is closed.
        """
        if self._backend is None:
            raise EngineError("this StreamBatch is closed; build a new one")
        return self._backend

    def _choose(self, now_s: float, max_hops: int | None) -> int:
        """Slots of the next round to the front of `_slots`; how many."""
        n = self._rings.find_due(self._slots, self._arrived_s)
        may_wait = self._gather_s > 0.0 and 0 < n < np.count_nonzero(self._rings.is_active)
        if may_wait and now_s < self._arrived_s[:n].min() + self._gather_s:
            return 0
        if max_hops is not None and n > max_hops:
            order = np.argsort(self._arrived_s[:n], kind="stable")[: max(max_hops, 0)]
            n = len(order)
            self._slots[:n], self._arrived_s[:n] = self._slots[order], self._arrived_s[order]
        return n
