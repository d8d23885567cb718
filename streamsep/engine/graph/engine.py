"""The graph engine: one stream, one hop, one replay of a CUDA graph."""

from __future__ import annotations

import threading
import warnings
import weakref
from dataclasses import dataclass

import numpy as np
import torch

from streamsep.engine import PRECISIONS, HopEngine, create_engine
from streamsep.engine.graph.program import HopProgram
from streamsep.engine.graph.replay import Lanes, Replay, Step
from streamsep.engine.graph.tuning import choose_step
from streamsep.errors import EngineError, EngineWarning
from streamsep.model import Model
from streamsep.spec import StreamSpec


@dataclass(eq=False)
class GraphState:
    """Memory of one stream, changed in place by `step`.

    Attributes:
        row: Its memory, unless it is the stream that was stepped last: that one's is with the engine.
            [1, width]
    """

    row: torch.Tensor


class GraphEngine:
    """Runs a model as a CUDA graph; on the CPU, for tests, the same program without a graph.

    The graph works on one row of memory. It belongs to the stream that was stepped last; when another
    comes, the two rows change places on the device. A single stream pays nothing for that.

    Args:
        model: What to run.
        spec: Windows, rate, channels and stems.
        precision: "float32" (never TF32), "bfloat16" or "float16" products with float32 sums.
        device: "cuda", "cuda:1", or "cpu".
        kernels: "plain", "fused", "sums" or "measured", see `tuning`; only "plain" on the CPU.

    Attributes:
        kernels: Those that run: "plain", "fused" or "sums".
        program: What runs.
        replay: Its buffers.

    Raises:
        EngineError: There is no such device, or the engine cannot run this model so.

    Latency: `spec.latency_samples`. Thread: any, one at a time. Allocates: in the constructor and
    `init_state` only (on the CPU, in every hop). In place: the state.
    """

    name = "graph"

    def __init__(
        self,
        model: Model,
        spec: StreamSpec,
        precision: str = "float32",
        device: str = "cuda",
        kernels: str = "measured",
    ) -> None:
        self.spec, self.precision = spec, precision
        lanes = open_lanes(device)
        self.program = HopProgram(model, spec, precision, keeps_masks=True).to(lanes.device)
        self._row = torch.zeros(1, self.program.layout.width, device=lanes.device)

        def make(step: Step | None) -> Replay:
            return Replay(self.program, self._row, None, lanes, step)

        chosen = choose_step(self.program, 1, make, kernels if lanes.is_cuda else "plain")
        self.kernels = chosen[1]
        self.replay, self._lanes = make(chosen[0]), lanes
        self._latest: weakref.ref[GraphState] | None = None
        self._lock = threading.Lock()

    def init_state(self) -> GraphState:
        """Fresh state: silence before the first sample."""
        with self._lanes.computing():
            return GraphState(torch.zeros_like(self._row))

    def step(self, hop: np.ndarray, state: GraphState) -> tuple[np.ndarray, GraphState]:
        """See `HopEngine.step`; the stems are the engine's buffer, overwritten by the next step."""
        with self._lock:
            self._fetch(state)
            self.replay.audio[0] = hop
            self.replay.run()
            return self.replay.stems[0], state

    def masks(self, state: GraphState) -> np.ndarray:
        """See `HopEngine.masks`; waits for the device, so it is not for every hop."""
        with self._lock:
            self._fetch(state)
            with self._lanes.computing():
                return self.program.layout.split(self._row)["masks"][0].cpu().numpy().copy()

    def offline(self, mixture: np.ndarray) -> np.ndarray:
        """See `HopEngine.offline`."""
        hop, state = self.spec.profile.hop, self.init_state()
        stems = np.empty((len(self.spec.estimated), *mixture.shape), np.float32)
        for start in range(0, mixture.shape[-1], hop):
            part = slice(start, start + hop)
            stems[..., part], state = self.step(mixture[:, part], state)
        return stems

    def _fetch(self, state: GraphState) -> None:
        """Make a stream the one whose row the graph works on."""
        latest = None if self._latest is None else self._latest()
        if latest is state:
            return
        with self._lanes.computing(), torch.no_grad():
            if latest is not None:
                latest.row.copy_(self._row)
            self._row.copy_(state.row)
        self._latest = weakref.ref(state)


def open_lanes(device: str) -> Lanes:
    """The streams of a device.

    Raises:
        EngineError: There is no such device.
    """
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise EngineError(NO_CUDA)
    return Lanes(torch.device(device))


NO_CUDA = (
    "engine 'graph' finds no CUDA device here; install an NVIDIA driver and a PyTorch with CUDA "
    "(https://pytorch.org), or use --engine compiled"
)


def create_graph_engine(model: Model, spec: StreamSpec, precision: str = "float32") -> HopEngine:
    """A `GraphEngine`; without CUDA the compiled engine in its place, and a warning that says so."""
    if torch.cuda.is_available():
        return GraphEngine(model, spec, precision)
    return create_engine("compiled", model, spec, warn_of_fallback(precision))


def warn_of_fallback(precision: str) -> str:
    """Say that there is no CUDA; the precision in which the compiled engine runs instead."""
    instead = precision if precision in PRECISIONS else "float32"
    warnings.warn(
        f"engine 'graph' finds no CUDA device here, so engine 'compiled' runs in {instead}",
        EngineWarning,
        stacklevel=5,
    )
    return instead
