"""`Lateness`: whether a client's stems are ready in time, block by block."""

from __future__ import annotations

from collections import deque

TELL_EVERY_S = 1.0
"""A client hears about late blocks at most so often."""


class Lateness:
    """See the module's docstring. A block is late where its stems are not ready when the next could come.

    Whoever sends ahead of real time is not served late because of that: sound counts as arrived when it
    would be heard at the earliest.

    Args:
        sample_rate: In Hz.
        hop_s: Seconds of a hop of the engine.

    Thread: one. Allocates: little.
    """

    def __init__(self, sample_rate: int, hop_s: float) -> None:
        self._rate, self._hop_s = sample_rate, hop_s
        self._told_s = 0.0
        self._n_late, self._worst_s = 0, 0.0
        self.begin()

    def begin(self) -> None:
        """A stream begins."""
        self._start_s: float | None = None
        self._waiting: deque[tuple[int, float, float]] = deque()

    def arrival_s(self, position: int, now_s: float) -> float:
        """When sound counts as arrived.

        Args:
            position: Frames of the stream before it.
            now_s: On the scale of `time.monotonic`.
        """
        if self._start_s is None:
            self._start_s = now_s
        return max(now_s, self._start_s + position / self._rate)

    def add(self, position: int, n_frames: int, arrived_s: float) -> None:
        """A block has arrived; it ends at that position."""
        due_s = arrived_s + max(n_frames / self._rate, self._hop_s)
        self._waiting.append((position, arrived_s, due_s))

    def ready(self, position: int, now_s: float) -> tuple[list[float], int]:
        """Stems are ready up to a position.

        Returns:
            Seconds that each block took which is complete now; how many of them were late.
        """
        took_s, n_late = [], 0
        while self._waiting and self._waiting[0][0] <= position:
            _, arrived_s, due_s = self._waiting.popleft()
            took_s.append(max(0.0, now_s - arrived_s))
            if now_s > due_s:
                n_late += 1
                self._worst_s = max(self._worst_s, now_s - due_s)
        self._n_late += n_late
        return took_s, n_late

    def news(self, now_s: float) -> dict[str, object] | None:
        """What the client is to hear about it now, if anything."""
        if not self._n_late or now_s - self._told_s < TELL_EVERY_S:
            return None
        event = {"type": "late", "blocks": self._n_late, "late_ms": round(1e3 * self._worst_s, 1)}
        self._told_s, self._n_late, self._worst_s = now_s, 0, 0.0
        return event
