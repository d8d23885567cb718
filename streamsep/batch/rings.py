"""Memory of all streams of a batch between their clients and the runner: one block for everything."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled import stream_rings
from streamsep.engine.compiled.stream_rings import DONE, LATENCY, N_COUNTS, READ, WRITTEN
from streamsep.spec import StreamSpec

LEAST_QUEUED, LEAST_HOPS = 8192, 4
"""A stream may hold so many samples that are not read yet, and so many hops, whichever is more."""


class Rings:
    """Rings and counters of `capacity` streams; see `engine.compiled.stream_rings`.

    Args:
        spec: Of the engine.
        channels: Of the clients' audio; one channel may feed an engine of two.
        capacity: Number of streams.

    Attributes:
        n_queued: Samples that a stream can hold between writing and reading.
        n_early: Hops of the engine that belong to the time before a stream's start.
        is_active: Whether a slot is taken. int64 [capacity]
        epochs: Goes up whenever a slot begins anew. int64 [capacity]

    Latency: none of its own. Thread: see the methods. Allocates: here only, and what `read` returns.
    In place: own memory.
    """

    def __init__(self, spec: StreamSpec, channels: int, capacity: int) -> None:
        self.hop, self.channels, self.n_targets = spec.profile.hop, channels, len(spec.targets)
        self.n_queued = max(LEAST_QUEUED, LEAST_HOPS * self.hop)
        self.n_early = spec.latency_samples // self.hop
        n_mixture = self.n_queued + spec.profile.synthesis_length
        shape = (capacity, len(spec.estimated), channels, self.n_queued + self.hop)
        self._mixture = np.zeros((capacity, channels, n_mixture), np.float32)
        self._estimates = np.zeros(shape, np.float32)
        self._arrivals = np.zeros((capacity, self.n_queued // self.hop + 1))
        self._counts = np.zeros((capacity, N_COUNTS), np.int64)
        self.is_active = np.zeros(capacity, np.int64)
        self.epochs = np.zeros(capacity, np.int64)
        self._collected = np.zeros(capacity, np.int64)

    def begin(self, slot: int, latency_samples: int) -> None:
        """Make a slot the start of a stream. Thread: whoever holds the batch's lock."""
        self._counts[slot] = 0
        self._counts[slot, LATENCY] = latency_samples
        self.epochs[slot] += 1

    def write(self, slot: int, block: np.ndarray, at_s: float, unit: int) -> int:
        """Append what fits of a block, in multiples of a unit. Thread: the slot's client.

        Args:
            slot: Which stream.
            block: As `arrays.as_audio` gives it. float32 [channels, n]
            at_s: When it arrived.
            unit: Samples that stay together.

        Returns:
            Samples taken.
        """
        counts = self._counts[slot]
        room = self.n_queued - int(counts[WRITTEN] - counts[READ])
        n = min(block.shape[1], room) // unit * unit
        if n:
            ring, arrivals = self._mixture[slot], self._arrivals[slot]
            stream_rings.put(block, n, at_s, self.hop, ring, arrivals, counts)
        return n

    def read(self, slot: int, n: int) -> np.ndarray:
        """The next n samples of all stems, which must be ready. Thread: the slot's client."""
        stems = np.empty((self.n_targets, self.channels, n), np.float32)
        stream_rings.take(self._mixture[slot], self._estimates[slot], self._counts[slot], stems)
        return stems

    def n_ready(self, slot: int) -> int:
        """Samples that `read` can give."""
        return int(stream_rings.count_ready(self._counts[slot], self.hop, self.n_early))

    def n_waiting(self, slot: int) -> int:
        """Samples written that the engine has not heard."""
        counts = self._counts[slot]
        return int(counts[WRITTEN] - counts[DONE] * self.hop)

    def position(self, slot: int) -> int:
        """Samples written."""
        return int(self._counts[slot, WRITTEN])

    def find_due(self, slots: np.ndarray, arrived_s: np.ndarray) -> int:
        """Streams with a hop waiting and when it became whole, written; how many. Thread: any."""
        return int(
            stream_rings.find_due(
                self.is_active, self.hop, self._arrivals, self._counts, slots, arrived_s
            )
        )

    def collect(self, slots: np.ndarray, hops: np.ndarray) -> None:
        """Oldest hops of some streams to `hops`. Thread: the runner, under the batch's lock."""
        self._collected[:] = self.epochs
        stream_rings.collect(slots, self._mixture, self._counts, hops)

    def deliver(self, slots: np.ndarray, stems: np.ndarray) -> None:
        """Stems of the hops collected last. Thread: the runner, under the batch's lock."""
        collected, epochs = self._collected, self.epochs
        rings, counts = self._estimates, self._counts
        stream_rings.deliver(slots, collected, epochs, stems, self.n_early, rings, counts)
