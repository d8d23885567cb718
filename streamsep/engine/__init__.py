"""Engines: what turns one hop of the mixture into one hop of every stem.

An engine is built from a `Model` and a `StreamSpec` and steps hop by hop; blocks, rates, channel counts
and the residual stem are the business of `Separator`. Engines are imported when they are asked for:
`compiled` needs numba, `torch` needs torch.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, Protocol

import numpy as np

from streamsep.errors import EngineError, MissingExtraError
from streamsep.model import Model
from streamsep.spec import StreamSpec

PRECISIONS = ("float32", "int8")
"""Precisions of the compiled engine; int8 means int8 weights and float32 activations."""

GRAPH_PRECISIONS = ("float32", "bfloat16", "float16")
"""Precisions of the graph engine: of weights and inputs of its products, whose sums are float32."""

_ENGINES = {
    "compiled": ("streamsep.engine.compiled.engine", "CompiledEngine", "numba", ""),
    "torch": ("streamsep.engine.torch_engine", "TorchEngine", "torch", "offline"),
    "graph": ("streamsep.engine.graph.engine", "create_graph_engine", "torch", "gpu"),
}
"""Name -> module, class or function, package it needs, extra that brings the package."""


class HopEngine(Protocol):
    """The streaming contract at the engine's edge: no batch axis, one hop at a time."""

    name: str
    spec: StreamSpec
    precision: str

    def init_state(self) -> Any:
        """Fresh state, as at the start of a stream."""

    def step(self, hop: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """One hop of mixture in, one hop of every estimated stem out, `spec.latency_samples` late.

        Args:
            hop: Finite samples. float32 [channels, hop]
            state: From `init_state` or the previous step; do not use it again afterwards.

        Returns:
            Estimated stems, float32 [estimated, channels, hop], valid until the next step; new state.
        """

    def masks(self, state: Any) -> np.ndarray:
        """Masks of the latest frame, residual included. float32 [targets, channels, bins]."""

    def offline(self, mixture: np.ndarray) -> np.ndarray:
        """Whole signal with a fresh state: [channels, n] -> [estimated, channels, n], n a multiple of hop."""


def available_engines() -> tuple[str, ...]:
    """Names of the engines whose packages are installed."""
    found = importlib.util.find_spec
    return tuple(n for n, (_, _, package, _) in _ENGINES.items() if found(package) is not None)


def check_precision(engine: str, precision: str) -> None:
    """Refuse a precision that nobody knows, or that the compiled engine does not run.

    Raises:
        EngineError: As above.
    """
    known = tuple(dict.fromkeys(PRECISIONS + GRAPH_PRECISIONS))
    if precision not in known:
        raise EngineError(f"precision '{precision}' is unknown; choose one of: {', '.join(known)}")
    if engine == "compiled" and precision not in PRECISIONS:
        raise EngineError(
            f"engine 'compiled' runs {' or '.join(PRECISIONS)}, not {precision}; use --engine graph "
            "on a machine with a GPU"
        )


def create_engine(
    name: str, model: Model, spec: StreamSpec, precision: str = "float32"
) -> HopEngine:
    """Build an engine.

    Args:
        name: "compiled", "torch", or "graph" (on a GPU; without one it is "compiled", with a warning).
        model: What to run.
        spec: Windows, rate, channels and stems.
        precision: One of `PRECISIONS`, for "graph" of `GRAPH_PRECISIONS`.

    Raises:
        EngineError: Unknown name or precision, or the engine cannot run this kind of model, or no
            engine can, since it hears the future.
        MissingExtraError: The package behind the engine is not installed.
    """
    if name not in _ENGINES:
        raise EngineError(f"engine '{name}' is unknown; choose one of: {', '.join(_ENGINES)}")
    check_precision(name, precision)
    model.require_stream()
    module, cls, package, extra = _ENGINES[name]
    if importlib.util.find_spec(package) is None:
        raise MissingExtraError(f"engine '{name}'", package, extra)
    return getattr(importlib.import_module(module), cls)(model, spec, precision)
