"""Memory that two processes share: a file without content on a disk of memory, mapped by both. And locks."""

from __future__ import annotations

import ctypes
import mmap
import os
import tempfile
from pathlib import Path

_MEMORY_DISK = Path("/dev/shm")
_LOCK_WHAT_IS_THERE = 1


def create_memory(n_bytes: int) -> tuple[Path, mmap.mmap]:
    """Zeroed memory and the file that names it; delete the file when all have opened it."""
    folder = _MEMORY_DISK if os.access(_MEMORY_DISK, os.W_OK) else None
    handle, name = tempfile.mkstemp(prefix="streamsep-", suffix=".desk", dir=folder)
    try:
        os.ftruncate(handle, n_bytes)
        return Path(name), mmap.mmap(handle, n_bytes)
    finally:
        os.close(handle)


def open_memory(path: Path) -> mmap.mmap:
    """The memory that a file names."""
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def lock_memory() -> bool:
    """Keep what the audio touches from being paged out, where the system lets us; whether it did."""
    try:
        return ctypes.CDLL(None).mlockall(_LOCK_WHAT_IS_THERE) == 0
    except (AttributeError, OSError, TypeError):
        return False
