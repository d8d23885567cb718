"""Counts what was refused, and says each thing once: a flood of bad packets is one line and a number."""

from __future__ import annotations

import threading
from collections import Counter

MAX_TOLD = 50
"""So many different refusals are put into words; further ones are counted only."""


class Refusals:
    """See the module's docstring.

    Thread: any. Allocates: yes, bounded.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()

    def add(self, kind: str, reason: str) -> bool:
        """Count one; whether it is new and worth a line."""
        with self._lock:
            self._counts[kind] += 1
            is_new = (kind, reason) not in self._told and len(self._told) < MAX_TOLD
            if is_new:
                self._told.add((kind, reason))
            return is_new

    @property
    def counts(self) -> dict[str, int]:
        """By kind."""
        with self._lock:
            return dict(self._counts)

    @property
    def total(self) -> int:
        """All together."""
        with self._lock:
            return sum(self._counts.values())
