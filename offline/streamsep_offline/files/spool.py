"""Where stems wait until their song is whole: raw float32 in a hidden folder beside the output.

A rescaled song needs the peak of all its stems before the first sample can be encoded, and a run that was
killed shall go on where it stopped; both come from writing every block down as it is produced. `state.json`
counts the samples that are safely on the disk and never claims too much: it is replaced when the next block
comes, so the last block before an accident is done again, and a song of one block needs no state at all. A
state of another input, other settings or another version is thrown away.

The folder is locked while it is open, and the system lets go of the lock when a process dies: of two runs on
one song the second is refused, and a killed one is in nobody's way.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from streamsep.errors import AudioFileError

_STATE, _LOCK, _FINISHED = "state.json", "lock", "finished"


class Spool:
    """Stems on disk, appended to while they are produced.

    Args:
        folder: Made if missing, with the folders above it.
        fingerprint: Of everything that decides about the samples.
        n_stems: Stems per block.
        channels: Channels per stem.

    Attributes:
        n_frames: Samples per channel that are safely there.
        peak: Greatest finite magnitude of any sample so far, linear.
        is_complete: Whether the song's end is there.

    Raises:
        AudioFileError: It cannot be made, or another run works on it.
    """

    def __init__(self, folder: Path, fingerprint: str, n_stems: int, channels: int) -> None:
        self.folder, self._fingerprint = folder, fingerprint
        self._shape = (n_stems, channels)
        self._path = folder / "stems.f32"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock_file = open(folder / _LOCK, "a+b")  # noqa: SIM115 - held until close
        except OSError as error:
            raise _unwritable(folder, error) from error
        try:
            _lock(self._lock_file.fileno())
        except OSError as error:
            self._lock_file.close()
            raise AudioFileError(
                f"another run is working on {folder}; wait until it is done"
            ) from error
        self.n_frames, self.peak, self.is_complete = 0, 0.0, False
        self._has_state = False
        state = self._read_state()
        if state is not None:
            self.n_frames, self.peak = state["n_frames"], state["peak"]
            self.is_complete = state["is_complete"]

    @property
    def finished_folder(self) -> Path:
        """Where encoded files wait until all of them are there."""
        return self.folder / _FINISHED

    def resume_at(self, block_samples: int) -> int:
        """Go back to the last whole block; returns its end, in samples of the song."""
        self.n_frames -= self.n_frames % block_samples
        return self.n_frames

    def append(self, stems: np.ndarray) -> None:
        """Put the next block where it belongs.

        Args:
            stems: float32 [stems, channels, n]

        Raises:
            AudioFileError: It cannot be written, for example because the disk is full.
        """
        if self.n_frames:
            self._write_state()
        frames = np.ascontiguousarray(np.moveaxis(stems, -1, 0), "<f4")
        try:
            with open(self._path, "r+b" if self._path.exists() else "w+b") as file:
                file.seek(self._bytes(self.n_frames))
                file.write(frames.data)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        self.n_frames += len(frames)
        self.peak = max(self.peak, peak_of(frames))

    def complete(self) -> None:
        """Nothing more will come."""
        self.is_complete = True
        if self._has_state:
            self._write_state()

    def blocks(self, n: int) -> Iterator[np.ndarray]:
        """All stems from the start, float32 [stems, channels, n], the last block shorter."""
        left = self.n_frames
        with open(self._path, "rb") as file:
            while left:
                n = min(n, left)
                left -= n
                frames = np.fromfile(file, "<f4", self._bytes(n) // 4).reshape(n, *self._shape)
                yield np.ascontiguousarray(np.moveaxis(frames, 0, -1), np.float32)

    def _bytes(self, n_frames: int) -> int:
        return 4 * n_frames * self._shape[0] * self._shape[1]

    def discard(self) -> None:
        """Remove everything, and the folder above if nothing else is in it."""
        (self.folder / _STATE).unlink(missing_ok=True)  # first: half a spool must not be resumed
        self.close()
        remove_spool(self.folder)
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()

    def close(self) -> None:
        """Leave it as it is for another run."""
        self._lock_file.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read_state(self) -> dict[str, Any] | None:
        try:
            state = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
            is_ours = state["fingerprint"] == self._fingerprint
            is_there = self._path.stat().st_size >= self._bytes(state["n_frames"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return state if is_ours and is_there else None

    def _write_state(self) -> None:
        state = {
            "fingerprint": self._fingerprint,
            "n_frames": self.n_frames,
            "peak": self.peak,
            "is_complete": self.is_complete,
        }
        new = self.folder / f"{_STATE}.new"
        try:
            with open(self._path, "r+b") as file:
                os.fsync(file.fileno())  # the samples first, then what says that they are there
            new.write_text(json.dumps(state), encoding="utf-8")
            os.replace(new, self.folder / _STATE)
            self._has_state = True
        except OSError as error:
            raise _unwritable(self.folder, error) from error


def spool_folder(first_output: Path) -> Path:
    """Where the spool of a song lies, by the first of its outputs."""
    return first_output.with_name(f".{first_output.name}.partial")


def remove_spool(folder: Path) -> None:
    """Remove what a run left that was killed after its last file was in place."""
    shutil.rmtree(folder, ignore_errors=True)


def peak_of(samples: np.ndarray) -> float:
    """Greatest finite magnitude, 0.0 where there is none."""
    magnitudes = np.abs(samples)
    return float(np.max(magnitudes, initial=0.0, where=np.isfinite(magnitudes)))


def _lock(descriptor: int) -> None:
    """Take the lock, which the system keeps until the file is closed or the process ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _unwritable(folder: Path, error: OSError) -> AudioFileError:
    return AudioFileError(
        f"{folder} cannot be written ({error.strerror}); make room or choose another folder with -o"
    )
