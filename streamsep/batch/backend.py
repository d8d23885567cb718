"""Backends: what turns one hop of many streams into one hop of all their stems.

A backend knows slots, not clients: who is in a slot, what is due and what was read is the business of
`StreamBatch`. Backends are imported when they are asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Protocol

import numpy as np

from streamsep.engine import check_precision
from streamsep.errors import EngineError, MissingExtraError
from streamsep.model import Model
from streamsep.spec import StreamSpec

_BACKENDS = {
    "compiled": ("streamsep.batch.compiled_backend", "CompiledBackend", "numba", ""),
    "torch": ("streamsep.batch.torch_backend", "TorchBackend", "torch", "offline"),
    "graph": ("streamsep.engine.graph.backend", "create_graph_backend", "torch", "gpu"),
}
"""Name -> module, class or function, package it needs, extra that brings the package."""


class HopBackend(Protocol):
    """Runs one hop of many streams at once. Slots are numbered 0 to capacity - 1.

    Built as `Backend(model, spec, capacity, precision, threads)`. All methods are called by one thread
    at a time.

    Attributes:
        spec: Windows, rate, channels and stems.
        capacity: Number of slots.
        latency_samples: Of the engine fed hop by hop, S - hop.
    """

    spec: StreamSpec
    capacity: int
    latency_samples: int

    def reset(self, slot: int) -> None:
        """Make a slot a stream that has heard nothing yet."""

    def step(self, slots: np.ndarray, hops: np.ndarray, stems: np.ndarray) -> None:
        """One hop of mixture in, one hop of every estimated stem out, for some streams.

        Args:
            slots: Which streams, each at most once. int64 [n]
            hops: Finite samples. float32 [n, channels, hop]
            stems: Written. float32 [n, estimated, channels, hop]
        """

    def close(self) -> None:
        """Give back threads and devices; the backend is not used again."""


def create_backend(
    name: str,
    model: Model,
    spec: StreamSpec,
    capacity: int,
    precision: str = "float32",
    threads: int = 1,
) -> HopBackend:
    """Build a backend.

    Args:
        name: One of the names above.
        model: What to run.
        spec: Windows, rate, channels and stems.
        capacity: Number of slots, at least 1.
        precision: "float32" or "int8"; for "graph" also "bfloat16" or "float16".
        threads: Threads that share the work of a step, at least 1.

    Raises:
        EngineError: Unknown name or precision, or the backend cannot run this kind of model so, or no
            backend can, since it hears the future.
        MissingExtraError: The package behind the backend is not installed.
    """
    if name not in _BACKENDS:
        raise EngineError(f"engine '{name}' is unknown; choose one of: {', '.join(_BACKENDS)}")
    check_precision(name, precision)
    model.require_stream()
    module, cls, package, extra = _BACKENDS[name]
    if importlib.util.find_spec(package) is None:
        raise MissingExtraError(f"engine '{name}'", package, extra)
    backend = getattr(importlib.import_module(module), cls)
    return backend(model, spec, capacity, precision, threads)
