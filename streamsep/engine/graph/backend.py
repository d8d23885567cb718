"""Many streams on one GPU: every hop of all streams that are due is one replay.

Streams may come in any number, so there is a graph for 1, 2, 4 ... capacity streams, and the smallest that
holds them runs; its spare places work on a row that is nobody's. All graphs share rows, weights and
scratch memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from streamsep.engine.graph.engine import open_lanes, warn_of_fallback
from streamsep.engine.graph.program import HopProgram
from streamsep.engine.graph.replay import Replay, Step, fill
from streamsep.engine.graph.tuning import choose_step
from streamsep.model import Model
from streamsep.spec import StreamSpec


class GraphBackend:
    """Runs one hop of many streams at once; see `streamsep.batch.HopBackend`.

    Args:
        model: What to run.
        spec: Windows, rate, channels and stems.
        capacity: Slots.
        precision: "float32", "bfloat16" or "float16".
        threads: Not used: the card has its own.
        device: "cuda", "cuda:1", or "cpu".
        kernels: As for `GraphEngine`; chosen for the largest batch.

    Attributes:
        kernels: Those that run: "plain", "fused" or "sums".
        program: What runs.

    Raises:
        EngineError: There is no such device, or the engine cannot run this model so.

    Latency: `latency_samples`. Thread: one at a time. Allocates: in the constructor only (on the CPU, in
    every hop). In place: own rows.
    """

    def __init__(
        self,
        model: Model,
        spec: StreamSpec,
        capacity: int,
        precision: str = "float32",
        threads: int = 1,
        device: str = "cuda",
        kernels: str = "measured",
    ) -> None:
        del threads
        self.spec, self.capacity, self.latency_samples = spec, capacity, spec.latency_samples
        lanes = open_lanes(device)
        self._lanes = lanes
        self.program = HopProgram(model, spec, precision).to(lanes.device)
        self._rows = torch.zeros(capacity + 1, self.program.layout.width, device=lanes.device)
        self._sizes = batch_sizes(capacity)

        def make(n: int, step: Step | None) -> Replay:
            return Replay(self.program, self._rows, n, lanes, step)

        largest = self._sizes[-1]
        step, self.kernels = choose_step(
            self.program,
            largest,
            lambda step: make(largest, step),
            kernels if lanes.is_cuda else "plain",
        )
        self._replays = {n: make(n, step) for n in self._sizes}
        self._rows.zero_()
        if lanes.is_cuda:
            torch.cuda.synchronize(lanes.device)

    def reset(self, slot: int) -> None:
        """See `HopBackend.reset`."""
        with self._lanes.computing(), torch.no_grad():
            self._rows[slot].zero_()

    def step(self, slots: np.ndarray, hops: np.ndarray, stems: np.ndarray) -> None:
        """See `HopBackend.step`."""
        n = len(slots)
        if n == 0:
            return
        replay = self._replays[next(size for size in self._sizes if size >= n)]
        fill(replay, slots, hops, spare=self.capacity)
        replay.run()
        stems[...] = replay.stems[:n]

    def addresses(self) -> tuple[int, ...]:
        """Where the buffers of all sizes and the rows are; a hop never moves them."""
        return tuple(a for replay in self._replays.values() for a in replay.addresses())

    def close(self) -> None:
        """See `HopBackend.close`."""
        self._replays.clear()


def batch_sizes(capacity: int) -> tuple[int, ...]:
    """Powers of two up to the first that holds all. At least 1."""
    return tuple(2**k for k in range((capacity - 1).bit_length() + 1))


def create_graph_backend(
    model: Model, spec: StreamSpec, capacity: int, precision: str = "float32", threads: int = 1
) -> Any:
    """A `GraphBackend`; without CUDA the compiled one in its place, and a warning that says so."""
    if torch.cuda.is_available():
        return GraphBackend(model, spec, capacity, precision, threads)
    from streamsep.batch.backend import create_backend

    instead = warn_of_fallback(precision)
    return create_backend("compiled", model, spec, capacity, instead, threads)
