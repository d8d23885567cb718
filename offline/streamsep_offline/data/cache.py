"""Decoded audio on disk: a folder of .npy files of bounded size, from which the oldest are thrown out.

Several processes may share it: a file appears under its name only when it is whole, and one that is
thrown out while another process has it mapped stays readable there until that process lets go.

Set STREAMSEP_CACHE_DIR to put the user's cache elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs

from streamsep.errors import AudioFileError

_TOUCH_S = 30.0
"""A use is noted at most this often: noting costs a system call that writes."""

_ABANDONED_S = 3600.0
"""Age at which a half-written file belongs to nobody any more."""


def cache_root() -> Path:
    """$STREAMSEP_CACHE_DIR or the user's cache."""
    return Path(os.environ.get("STREAMSEP_CACHE_DIR") or platformdirs.user_cache_dir("streamsep"))


@dataclass(frozen=True)
class AudioCache:
    """A folder of arrays by key; holds no handles, so it may be pickled and forked.

    Attributes:
        folder: Made when something is kept.
        limit_bytes: Size in all; what is being read now is kept even where it alone is larger.
    """

    folder: Path
    limit_bytes: int

    def open(self, key: str, decode: Callable[[], np.ndarray]) -> np.ndarray:
        """The array of a key, memory-mapped, read only.

        Args:
            key: A file name's worth of letters and digits.
            decode: Makes it where it is not there.

        Raises:
            AudioFileError: The folder cannot be written.
        """
        path = self.folder / f"{key}.npy"
        try:
            array = np.load(path, mmap_mode="r")
        except (OSError, ValueError, EOFError):  # absent, or damaged by a full disk
            return self._keep(path, decode())
        with contextlib.suppress(OSError):  # thrown out since it was mapped, or a read-only folder
            if time.time() - path.stat().st_mtime > _TOUCH_S:
                os.utime(path)
        return array

    def n_bytes(self) -> int:
        """Bytes that are kept."""
        return sum(size for _, size, _ in self._entries())

    def _keep(self, path: Path, array: np.ndarray) -> np.ndarray:
        temporary = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._make_room(array.nbytes)
            handle, temporary = tempfile.mkstemp(".part", path.stem, self.folder)
            with os.fdopen(handle, "wb") as file:
                np.save(file, array)
            mapped = np.load(temporary, mmap_mode="r")
            os.replace(temporary, path)
        except OSError as error:
            raise AudioFileError(
                f"decoded audio cannot be kept in {self.folder} ({error.strerror}); make room, or "
                "choose another folder by STREAMSEP_CACHE_DIR"
            ) from error
        finally:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)
        return mapped

    def _make_room(self, n_bytes: int) -> None:
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total + n_bytes <= self.limit_bytes:
                break
            with contextlib.suppress(OSError):  # another process was faster
                path.unlink()
            total -= size

    def _entries(self) -> list[tuple[float, int, Path]]:
        """Time of the last use, size and path of what is kept; removes what was left half-written."""
        entries = []
        for path in self.folder.glob("*.npy") if self.folder.is_dir() else ():
            with contextlib.suppress(OSError):
                status = path.stat()
                entries.append((status.st_mtime, status.st_size, path))
        for path in self.folder.glob("*.part") if self.folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_S:
                    path.unlink()
        return entries
