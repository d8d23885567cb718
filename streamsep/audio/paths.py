"""Names of files that are no text, as old music collections have them, for libsndfile."""

from __future__ import annotations

import os
from pathlib import Path


def native_path(path: Path) -> str | bytes:
    """What soundfile shall open: bytes where the system's names are bytes, since it encodes text strictly."""
    return os.fsencode(path) if os.name == "posix" else str(path)
