"""Layout "made": songs that the maker renders when they are first read; they stay in the cache.

The folder is that of the samples; one without samples leaves the synthesisers. Songs are `made_songs`
for training and `valid_share` of that many for validation, which use other ingredients (splits "train",
"select" and "report" of `streamsep data make`). What was rendered is kept by seed and number, so a run
that stopped goes on from there.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamsep
from streamsep.errors import MissingExtraError
from streamsep_offline.data.cache import cache_root
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.layouts.split import check_split
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import Song

if TYPE_CHECKING:
    from streamsep_offline.maker.studio import Studio

_SPLITS = {"train": "train", "valid": "select", "test": "report"}

_STEMS = ("vocals", "drums", "bass", "other")

_STUDIOS: dict[tuple[Path, str], Studio] = {}
"""Of this process: a studio keeps the samples it has read."""


@dataclass(frozen=True)
class Rendering:
    """Renders one song; called again it does nothing.

    Attributes:
        place: Folder of the song.
        samples: Folder of the samples.
        split: "train", "select" or "report".
        seed: Of the collection.
        index: Of the song.
    """

    place: Path
    samples: Path
    split: str
    seed: int
    index: int

    def __call__(self) -> None:
        """Render the song where it is not there.

        Raises:
            AudioFileError: It cannot be written.
        """
        if self.place.is_dir():
            return
        from streamsep_offline.maker.library import make_library
        from streamsep_offline.maker.studio import Studio

        key = (self.samples, self.split)
        if key not in _STUDIOS:
            _STUDIOS[key] = Studio(*key)
        self.place.parent.mkdir(parents=True, exist_ok=True)
        # In a folder of its own: another process may be rendering the same song.
        private = Path(tempfile.mkdtemp(prefix=".rendering", dir=self.place.parent))
        try:
            (name, _), *_ = make_library(
                _STUDIOS[key], private, self.seed, range(self.index, self.index + 1)
            )
            with contextlib.suppress(OSError):  # the other process was faster
                os.rename(private / self.split / name, self.place)
        finally:
            shutil.rmtree(private, ignore_errors=True)


def find(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Songs of a split, perhaps not there yet.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    if importlib.util.find_spec("scipy") is None:
        raise MissingExtraError("making songs", "scipy", "maker")
    from streamsep_offline.maker.song import SONG_S, song_name

    check_split(split)
    if split == "all":
        return [song for each in _SPLITS for song in find(root, each, settings)]
    n = settings.made_songs
    if split != "train":
        n = max(1, round(settings.valid_share * n))
    facts = (str(root.resolve()), streamsep.__version__)
    digest = hashlib.blake2b(repr(facts).encode("utf-8", "surrogateescape"), digest_size=8)
    base = Path(settings.cache_dir).expanduser() if settings.cache_dir else cache_root()
    kind = _SPLITS[split]
    songs = []
    for index in range(n):
        name = song_name(kind, settings.made_seed, index)
        place = base / "made" / digest.hexdigest() / kind / name
        pieces = {stem: (Piece(place / f"{stem}.flac"),) for stem in _STEMS}
        rendering = Rendering(place, root, kind, settings.made_seed, index)
        rate, store = settings.sample_rate, settings.store
        songs.append(Song(name, pieces, (), "", rate, store, SONG_S, rendering))
    return songs


layout = Layout("made", "songs that the maker renders from a folder of samples", find)
