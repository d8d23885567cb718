"""Looking over an engine's shoulder: every mask it applies, without a change to what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from streamsep.engine import HopEngine


class MaskTap:
    """An engine that shows the masks of every hop to a listener.

    Args:
        engine: Does the work.
        listener: Called after each step with float32 [targets, channels, bins], valid during the
            call.

    Latency: the engine's. Thread: the stream's own. Allocates: what the listener does. In place:
        no.
    """

    def __init__(self, engine: HopEngine, listener: Callable[[np.ndarray], None]) -> None:
        self._engine, self._listener = engine, listener
        self.name, self.spec, self.precision = engine.name, engine.spec, engine.precision

    def init_state(self) -> Any:
        """See `HopEngine.init_state`."""
        return self._engine.init_state()

    def step(self, hop: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """See `HopEngine.step`."""
        stems, state = self._engine.step(hop, state)
        self._listener(self._engine.masks(state))
        return stems, state

    def masks(self, state: Any) -> np.ndarray:
        """See `HopEngine.masks`."""
        return self._engine.masks(state)

    def offline(self, mixture: np.ndarray) -> np.ndarray:
        """See `HopEngine.offline`; the listener hears nothing."""
        return self._engine.offline(mixture)
