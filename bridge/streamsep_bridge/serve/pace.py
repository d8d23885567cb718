"""`Pace`: how fast a client may send. Who sends faster is held back, not turned away."""

from __future__ import annotations

import time

BURST_S = 1.0
"""Seconds of sound that may come at once."""

MIN_FRAMES = 64
"""A message counts as so many frames at least: handling it costs that much."""

ORDER_S = 0.01
"""An order counts as so much sound."""


class Pace:
    """See the module's docstring.

    Args:
        sample_rate: Of the client, in Hz.
        max_speed: Times real time.

    Thread: one. Allocates: no.
    """

    def __init__(self, sample_rate: int, max_speed: float) -> None:
        self._per_s = sample_rate * max_speed
        self._rate = sample_rate
        self._free_s = time.monotonic() - BURST_S

    def wait_s(self, n_frames: int) -> float:
        """Seconds to wait after a message of so many frames, 0.0 or more."""
        return self._take(max(n_frames, MIN_FRAMES) / self._per_s)

    def order_wait_s(self) -> float:
        """Seconds to wait after an order."""
        return self._take(ORDER_S * self._rate / self._per_s)

    def _take(self, cost_s: float) -> float:
        now_s = time.monotonic()
        self._free_s = max(self._free_s, now_s - BURST_S) + cost_s
        return max(0.0, self._free_s - now_s)
