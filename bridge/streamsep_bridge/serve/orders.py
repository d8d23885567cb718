"""What a client may ask for while its stream runs: levels, mutes, a new start, a sign of life, the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from streamsep.mixer import MAX_GAIN
from streamsep_bridge.serve.hello import read_json
from streamsep_bridge.serve.refused import Refused

ORDERS = {
    "gains": {"gains_db"},
    "mute": {"stems"},
    "reset": set[str](),
    "ping": {"id"},
    "end": set[str](),
}
"""Keys of each beside its type."""

LOWEST_DB = -120.0
HIGHEST_DB = 20.0 * math.log10(MAX_GAIN)
"""Levels of a stem."""


def read_order(text: str) -> dict[str, Any]:
    """An order, with the keys that it has to have.

    Raises:
        Refused: It is none.
    """
    order = read_json(text, "order")
    kind = order.get("type")
    keys = ORDERS.get(kind) if isinstance(kind, str) else None
    if keys is None:
        known = ", ".join(ORDERS)
        raise Refused("order", f"an order of type {str(kind)[:40]!r}", f"there are: {known}")
    if not keys <= order.keys() or order.keys() - keys - {"type"}:
        has = ", ".join(sorted(keys)) or "nothing"
        raise Refused("order", f"'{kind}' has other keys than it should", f"it has {has}")
    return order


class Levels:
    """Levels and mutes of a client's stems.

    Args:
        stems: Their names.

    Thread: one. Allocates: yes.
    """

    def __init__(self, stems: Sequence[str]) -> None:
        self._stems = tuple(stems)
        self._gains = np.ones(len(self._stems), np.float32)
        self._muted: set[str] = set()

    def set_gains(self, gains_db: Any) -> None:
        """Levels of some stems, in dB by name.

        Raises:
            Refused: There is no such stem, or a level is none.
        """
        if not isinstance(gains_db, dict):
            raise Refused("order", "gains_db is no object", 'send {"vocals": -6.0}')
        for name, level_db in gains_db.items():
            at = self._index(name)
            is_number = isinstance(level_db, int | float) and not isinstance(level_db, bool)
            if not is_number or not LOWEST_DB <= level_db <= HIGHEST_DB:
                raise Refused(
                    "order",
                    f"the level of {name} is {str(level_db)[:40]}",
                    f"send {LOWEST_DB:g} to {HIGHEST_DB:.1f} dB",
                )
            self._gains[at] = min(10.0 ** (level_db / 20.0), MAX_GAIN)

    def mute(self, names: Any) -> None:
        """Mute these stems, and no others.

        Raises:
            Refused: There is no such stem.
        """
        if not isinstance(names, list):
            raise Refused("order", "stems is no list", 'send ["vocals"], or [] to hear all')
        for name in names:
            self._index(name)
        self._muted = set(names)

    @property
    def gains(self) -> np.ndarray:
        """Linear, float32 [stems]."""
        heard = np.array([name not in self._muted for name in self._stems], np.float32)
        return self._gains * heard

    def _index(self, name: Any) -> int:
        if not isinstance(name, str) or name not in self._stems:
            there = ", ".join(self._stems)
            raise Refused("order", f"there is no stem {str(name)[:40]!r}", f"there are: {there}")
        return self._stems.index(name)
