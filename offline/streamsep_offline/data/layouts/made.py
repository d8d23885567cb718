"""Layout "made": songs that the maker renders when they are first read; they stay in the cache.

The folder is that of the samples; one without samples leaves the synthesisers. Songs are `made_songs`
for training and `valid_share` of that many for validation, which use other ingredients (splits "train",
"select" and "report" of `streamsep data make`). `cache_gb` bounds what is kept: more songs than fit are
rendered anew when it is their turn again.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.errors import MissingExtraError
from streamsep_offline.data.cache import cache_root
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.layouts.split import check_split
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import Song

if TYPE_CHECKING:
    from streamsep_offline.maker.made_songs import MadeSongs

_SPLITS = {"train": "train", "valid": "select", "test": "report"}

_STEMS = {4: ("vocals", "drums", "bass", "other"), 5: ("vocals", "drums", "bass", "piano", "other")}


@dataclass(frozen=True)
class Rendering:
    """Renders one song; called again it does nothing.

    Attributes:
        songs: The collection.
        index: Of the song.
    """

    songs: MadeSongs
    index: int

    def __call__(self) -> None:
        """Render the song where it is not there.

        Raises:
            AudioFileError: It cannot be written.
        """
        self.songs.ensure(self.index)


def find(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Songs of a split, perhaps not there yet.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    check_split(split)
    if split == "all":
        return [song for each in _SPLITS for song in find(root, each, settings)]
    n = settings.made_songs
    if split != "train":
        n = max(1, round(settings.valid_share * n))
    return songs_of(_collection(root, _SPLITS[split], settings), n, settings)


def window(root: Path, settings: DataSettings) -> int | None:
    """How many of the training songs may be in use at a time, see `songs_at_hand`."""
    return songs_at_hand(_collection(root, "train", settings), settings.made_songs)


def songs_at_hand(made: MadeSongs, n_songs: int) -> int | None:
    """How many songs examples may be drawn from at a time, so that few are rendered twice.

    A quarter of what there is room for: processes that read ahead are at other places of the list.
    None where all songs fit.
    """
    return None if made.n_fitting >= n_songs else max(1, made.n_fitting // 4)


def songs_of(made: MadeSongs, n_songs: int, settings: DataSettings) -> list[Song]:
    """The first songs of a collection, perhaps not there yet."""
    songs = []
    for index in range(n_songs):
        place = made.place(index)
        pieces = {stem: (Piece(place / f"{stem}.flac"),) for stem in _STEMS[made.order.n_stems]}
        rate, store, length_s = settings.sample_rate, settings.store, made.order.duration_s
        rendering = Rendering(made, index)
        songs.append(Song(made.name(index), pieces, (), "", rate, store, length_s, rendering))
    return songs


def require_maker() -> None:
    """Refuse where songs cannot be made.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    if importlib.util.find_spec("scipy") is None:
        raise MissingExtraError("making songs", "scipy", "maker")


def _collection(root: Path, split: str, settings: DataSettings) -> MadeSongs:
    require_maker()
    from streamsep_offline.maker.made_songs import MadeSongs
    from streamsep_offline.maker.orders import Order

    base = Path(settings.cache_dir).expanduser() if settings.cache_dir else cache_root()
    order = Order(n_stems=5 if "piano" in settings.targets else 4)
    return MadeSongs(base / "made", root, split, settings.made_seed, settings.cache_gb, order)


layout = Layout(
    "made", "songs that the maker renders from a folder of samples", find, None, False, window
)
