"""Units of arguments: their names end with them."""

from __future__ import annotations

from streamsep_bridge.osc.table import Argument

_UNITS = {"db": "dB", "s": "s", "ms": "ms", "hz": "Hz", "seconds": "s"}


def unit(argument: Argument) -> str:
    """Unit of an argument: "dB", "s", "ms", "Hz", or "" where it has none."""
    return _UNITS.get(argument.name.rpartition("_")[2], "")
