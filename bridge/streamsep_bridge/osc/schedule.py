"""`Schedule`: messages whose time has not come, in the order of their time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

from streamsep_bridge.osc.values import RefusedError

MAX_WAITING = 4096
MAX_AHEAD_S = 600.0
"""So many messages may wait, for so long."""

Item = TypeVar("Item")


class Schedule(Generic[Item]):
    """See the module's docstring.

    Thread: one. Allocates: yes, bounded.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Item]] = []
        self._n_added = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, due_s: float, item: Item, now_s: float) -> None:
        """Keep an item until it is due; of the same time, the first comes first.

        Args:
            due_s: Time of day.
            item: What waits.
            now_s: Time of day now.

        Raises:
            RefusedError: Too far ahead, or too many wait.
        """
        if due_s - now_s > MAX_AHEAD_S:
            raise RefusedError("time", f"is due in more than {MAX_AHEAD_S:g} s")
        if len(self._waiting) >= MAX_WAITING:
            raise RefusedError("busy", f"{MAX_WAITING} messages wait for their time already")
        heapq.heappush(self._waiting, (due_s, self._n_added, item))
        self._n_added += 1

    @property
    def next_s(self) -> float | None:
        """When the first is due; None where none waits."""
        return self._waiting[0][0] if self._waiting else None

    def take_due(self, until_s: float) -> Iterator[tuple[float, Item]]:
        """Items that are due until then, first things first, with their times."""
        while self._waiting and self._waiting[0][0] <= until_s:
            due_s, _, item = heapq.heappop(self._waiting)
            yield due_s, item
