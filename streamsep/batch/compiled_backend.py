"""The compiled engine for many streams: one call in machine code for all hops of a round.

Threads share the streams of a round; each has work space of
its own, and all read the same weights.
"""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from streamsep.engine.compiled.batch_frame import make_frame_memory, make_frame_work
from streamsep.engine.compiled.frame import make_frame_plan
from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.spec import StreamSpec

_KERNELS = {
    kind: f"streamsep.engine.compiled.batch_{kind}"
    for kind in ("classic", "open_unmix", "cue_lstm")
}
"""Kind of model -> module with `make_plan`, `make_memory`, `make_work` and `hops`."""


class CompiledBackend:
    """Runs a hop of many streams at once; see `streamsep.batch.backend.HopBackend`.

    The results of a stream do not depend on which others take part in a step, nor on the threads.

    Latency: `latency_samples`. Thread: one at a time, which `threads` - 1 others help. Allocates: in the
    constructor only. In place: the memory of the streams.

    Raises:
        EngineError: There is no such engine for models of this kind.
    """

    def __init__(
        self,
        model: Model,
        spec: StreamSpec,
        capacity: int,
        precision: str = "float32",
        threads: int = 1,
    ) -> None:
        if model.kind not in _KERNELS:
            raise EngineError(
                f"engine 'compiled' cannot batch models of kind '{model.kind}'; use engine torch"
            )
        self.spec, self.capacity = spec, capacity
        self.latency_samples = spec.latency_samples
        module: Any = importlib.import_module(_KERNELS[model.kind])
        self._hops = module.hops
        self._plan = module.make_plan(model, spec, precision)
        self._frames = make_frame_memory(spec, capacity)
        self._memory = module.make_memory(self._plan, spec, capacity).views
        self._works = [
            (
                make_frame_plan(spec),
                make_frame_work(spec, module.GROUP),
                module.make_work(self._plan, spec),
            )
            for _ in range(threads)
        ]
        self._helpers = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def reset(self, slot: int) -> None:
        """See `HopBackend.reset`."""
        for view in (*self._frames, *self._memory):
            view[slot] = 0.0

    def step(self, slots: np.ndarray, hops: np.ndarray, stems: np.ndarray) -> None:
        """See `HopBackend.step`."""
        n_parts = min(len(self._works), len(slots))
        if self._helpers is None or n_parts < 2:
            self._run(self._works[0], slots, hops, stems)
            return
        edges = [len(slots) * i // n_parts for i in range(n_parts + 1)]
        parts = [slice(*pair) for pair in pairwise(edges)]
        helped = [
            self._helpers.submit(self._run, work, slots[part], hops[part], stems[part])
            for work, part in zip(self._works[1:n_parts], parts[1:], strict=True)
        ]
        part = parts[0]
        self._run(self._works[0], slots[part], hops[part], stems[part])
        for one in helped:
            one.result()

    def close(self) -> None:
        """See `HopBackend.close`."""
        if self._helpers is not None:
            self._helpers.shutdown()

    def _run(self, work: Any, slots: np.ndarray, hops: np.ndarray, stems: np.ndarray) -> None:
        frame_plan, frame_work, model_work = work
        frames, plan, memory = self._frames, self._plan, self._memory
        self._hops(slots, hops, stems, frame_plan, frames, frame_work, plan, memory, model_work)
