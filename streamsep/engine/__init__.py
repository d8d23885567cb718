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
"""Precisions an engine may run a model in; int8 means int8 weights and float32 activations."""

_ENGINES = {
    "compiled": ("streamsep.engine.compiled.engine", "CompiledEngine", "numba", ""),
    "torch": ("streamsep.engine.torch_engine", "TorchEngine", "torch", "offline"),
}
"""Name -> module, class, package it needs, extra that brings the package."""


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


def create_engine(
    name: str, model: Model, spec: StreamSpec, precision: str = "float32"
) -> HopEngine:
    """Build an engine.

    Args:
        name: "compiled" or "torch".
        model: What to run.
        spec: Windows, rate, channels and stems.
        precision: "float32" or "int8".

    Raises:
        EngineError: Unknown name or precision, or the engine cannot run this kind of model.
        MissingExtraError: The package behind the engine is not installed.
    """
    if name not in _ENGINES:
        raise EngineError(f"engine '{name}' is unknown; choose one of: {', '.join(_ENGINES)}")
    if precision not in PRECISIONS:
        raise EngineError(
            f"precision '{precision}' is unknown; choose one of: {', '.join(PRECISIONS)}"
        )
    module, cls, package, extra = _ENGINES[name]
    if importlib.util.find_spec(package) is None:
        raise MissingExtraError(f"engine '{name}'", package, extra)
    return getattr(importlib.import_module(module), cls)(model, spec, precision)
