"""The face of the compiled engine: builds plan and state for a kind of model, steps without the GIL."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamsep.engine.compiled.arena import Arena, allocate
from streamsep.engine.compiled.frame import FrameState, frame_shapes, make_frame_plan
from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.spec import StreamSpec

_KERNELS = {
    "classic": "streamsep.engine.compiled.classic",
    "open_unmix": "streamsep.engine.compiled.open_unmix",
    "cue_lstm": "streamsep.engine.compiled.cue_lstm",
}
"""Kind of model -> module with `make_plan`, `make_state` and `hop`. The next model is one more file here."""


@dataclass
class CompiledState:
    """Flat memory of one stream: changed in place by `step`, owned by whoever holds it."""

    frame: Arena
    model: Arena
    frame_plan: Any
    stems: np.ndarray


class CompiledEngine:
    """Runs a model in numba machine code: no GIL, no allocation, no Python object inside a hop.

    Latency: `spec.latency_samples`. Thread: one per state; the engine itself is shared freely.
    Allocates: in the constructor and `init_state` only. In place: the state.
    """

    name = "compiled"

    def __init__(self, model: Model, spec: StreamSpec, precision: str = "float32") -> None:
        if model.kind not in _KERNELS:
            raise EngineError(
                f"engine 'compiled' cannot run models of kind '{model.kind}'; use --engine torch"
            )
        self.spec = spec
        self.precision = precision
        self._kernel: Any = importlib.import_module(_KERNELS[model.kind])
        self._plan = self._kernel.make_plan(model, spec, precision)

    def init_state(self) -> CompiledState:
        """Fresh state: silence before the first sample. Allocates all that `step` will touch."""
        spec = self.spec
        shape = (len(spec.estimated), spec.channels, spec.profile.hop)
        return CompiledState(
            frame=allocate(FrameState, frame_shapes(spec)),
            model=self._kernel.make_state(self._plan, spec),
            frame_plan=make_frame_plan(spec),
            stems=np.zeros(shape, np.float32),
        )

    def step(self, hop: np.ndarray, state: CompiledState) -> tuple[np.ndarray, CompiledState]:
        """See `HopEngine.step`; the stems returned are the state's buffer, overwritten by the next step."""
        kernel, arguments = self.bind(hop, state)
        kernel(*arguments)
        return state.stems, state

    def bind(self, hop: np.ndarray, state: CompiledState) -> tuple[Any, tuple[Any, ...]]:
        """The kernel of `step` and its arguments, for callers in machine code.

        Args:
            hop: Where the samples will be. float32 [channels, hop]
            state: Whose `stems` will be written.
        """
        arguments = (
            hop,
            state.stems,
            state.frame_plan,
            state.frame.views,
            self._plan,
            state.model.views,
        )
        return self._kernel.hop, arguments

    def masks(self, state: CompiledState) -> np.ndarray:
        """See `HopEngine.masks`; a view of the state."""
        return state.frame.views.masks

    def offline(self, mixture: np.ndarray) -> np.ndarray:
        """See `HopEngine.offline`."""
        hop, state = self.spec.profile.hop, self.init_state()
        stems = np.empty((len(self.spec.estimated), *mixture.shape), np.float32)
        for start in range(0, mixture.shape[-1], hop):
            block = np.ascontiguousarray(mixture[:, start : start + hop], np.float32)
            stems[..., start : start + hop], state = self.step(block, state)
        return stems
