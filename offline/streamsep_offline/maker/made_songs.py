"""Songs rendered when they are asked for, and kept on disk only as far as there is room.

Any number of processes may ask for the same songs. A song is rendered in a folder of its process and
gets its name when it is whole; what was not used longest goes first when room is needed. A song
may go while another process reads it: that one finds a file missing, asks again, and gets the same
bits, rendered anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from streamsep_offline.maker.library import make_library
from streamsep_offline.maker.orders import Order
from streamsep_offline.maker.song import song_name
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.versions import MAKER_VERSION

_BYTES_PER_S = 4 * 44100 * 2 * 2 * 0.6
"""What a second of a song of four stems takes as FLAC, roughly."""

_TOUCH_S = 30.0
"""A use is noted at most this often: noting costs a system call that writes."""

_ABANDONED_S = 3600.0
"""Age at which a half-written song belongs to nobody any more."""

_STUDIOS: dict[tuple[Path | None, str], Studio] = {}
"""Of this process: a studio keeps the samples it has read."""


@dataclass(frozen=True)
class MadeSongs:
    """A collection that is rendered song by song; holds no handles, so it may be pickled.

    Attributes:
        root: Folder of all collections, whose size is bounded together.
        samples: Folder of the samples, or None.
        split: "train", "select" or "report".
        seed: Of the collection.
        limit_gb: Size of `root` in GB; the song that was asked for last stays in any case.
        order: What the songs have in common.
    """

    root: Path
    samples: Path | None
    split: str
    seed: int
    limit_gb: float
    order: Order = field(default_factory=Order)

    @property
    def n_fitting(self) -> int:
        """How many songs there is room for, roughly."""
        return int(self.limit_gb * 1e9 / (_BYTES_PER_S * self.order.duration_s))

    def name(self, index: int) -> str:
        """Name of a song."""
        return song_name(self.split, self.seed, index)

    def place(self, index: int) -> Path:
        """Folder of a song, whether it is there or not."""
        samples = str(self.samples.resolve()) if self.samples else None
        facts = repr((samples, MAKER_VERSION, self.order)).encode("utf-8", "surrogateescape")
        digest = hashlib.blake2b(facts, digest_size=6).hexdigest()
        return self.root / f"{self.name(index)}.{digest}"

    def ensure(self, index: int) -> Path:
        """The folder of a song, which is rendered where it is not there.

        Raises:
            AudioFileError: It cannot be written.
        """
        place = self.place(index)
        with contextlib.suppress(OSError):
            if time.time() - place.stat().st_mtime > _TOUCH_S:
                os.utime(place)
            return place
        self.root.mkdir(parents=True, exist_ok=True)
        private = Path(tempfile.mkdtemp(prefix=".rendering", dir=self.root))
        try:
            key = (self.samples, self.split)
            if key not in _STUDIOS:
                _STUDIOS[key] = Studio(*key)
            (made,) = make_library(
                _STUDIOS[key], private, self.seed, range(index, index + 1), self.order
            )
            new = private / self.order.folder(self.split) / made.name
            os.utime(new)
            self._make_room(_size(new), place)
            with contextlib.suppress(OSError):  # another process was faster
                os.rename(new, place)
        finally:
            shutil.rmtree(private, ignore_errors=True)
        self._make_room(0, place)  # another process may have taken the same room
        return place

    def n_bytes(self) -> int:
        """Bytes that are kept."""
        return sum(size for _, size, _ in self._entries())

    def _make_room(self, n_bytes: int, kept: Path) -> None:
        """Delete what was used longest ago until `n_bytes` more fit, but never `kept`."""
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries) + n_bytes
        for _, size, place in entries:
            if total <= self.limit_gb * 1e9:
                break
            if place == kept:
                continue
            # Renamed first: nobody meets a song that is half there.
            gone = self.root / f".gone-{os.getpid()}-{place.name}"
            with contextlib.suppress(OSError):  # another process was faster
                os.rename(place, gone)
            shutil.rmtree(gone, ignore_errors=True)
            total -= size

    def _entries(self) -> list[tuple[float, int, Path]]:
        """Time of the last use, size and folder of what is kept; removes what was left half-written."""
        entries = []
        for folder in self.root.iterdir() if self.root.is_dir() else ():
            with contextlib.suppress(OSError):
                used = folder.stat().st_mtime
                if not folder.name.startswith("."):
                    entries.append((used, _size(folder), folder))
                elif time.time() - used > _ABANDONED_S:
                    shutil.rmtree(folder, ignore_errors=True)
        return entries


def _size(folder: Path) -> int:
    with os.scandir(folder) as files:
        return sum(file.stat().st_size for file in files)
