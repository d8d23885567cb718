"""One engine, stepped for one stream after the other: nothing is shared but the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from streamsep.engine import create_engine
from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.spec import StreamSpec


class TorchBackend:
    """The reference engine for many streams; see `HopBackend`.

    Latency: `latency_samples`. Thread: one at a time. Allocates: yes. In place: own states.

    Raises:
        EngineError: More than one thread is asked for, or the engine cannot run this.
    """

    def __init__(
        self, model: Model, spec: StreamSpec, capacity: int, precision: str, threads: int
    ) -> None:
        if threads != 1:
            raise EngineError(
                f"threads={threads}: a batch on engine 'torch' steps one stream after the other; "
                "use engine 'compiled' for threads, or torch.set_num_threads"
            )
        self.spec, self.capacity = spec, capacity
        self.latency_samples = spec.latency_samples
        self._engine = create_engine("torch", model, spec, precision)
        self._states: list[Any] = [None] * capacity

    def reset(self, slot: int) -> None:
        """See `HopBackend.reset`."""
        self._states[slot] = self._engine.init_state()

    def step(self, slots: np.ndarray, hops: np.ndarray, stems: np.ndarray) -> None:
        """See `HopBackend.step`."""
        for i, slot in enumerate(slots):
            stems[i], self._states[slot] = self._engine.step(hops[i], self._states[slot])

    def close(self) -> None:
        """See `HopBackend.close`."""
        self._states.clear()
