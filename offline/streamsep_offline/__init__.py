"""Data, training, evaluation and the bidirectional model around `streamsep`, which knows nothing of it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamsep_offline.files.file import separate_file
    from streamsep_offline.separation.api import separate
    from streamsep_offline.separation.settings import SeparationSettings

__all__ = ["SeparationSettings", "separate", "separate_file"]

_HOMES = {
    "separate": "streamsep_offline.separation.api",
    "separate_file": "streamsep_offline.files.file",
    "SeparationSettings": "streamsep_offline.separation.settings",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used; importing opens nothing."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
