"""Songs to be scored: where they are, and what kind of music each is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.data.layouts import musdb
from streamsep_offline.data.layouts.split import SPLITS, split_folder
from streamsep_offline.data.song import Song, find_songs
from streamsep_offline.evaluation.score import SongAudio

MUSDB = "musdb"
"""Word that stands for the folder that MUSDB_PATH names."""


def read_song(song: Song, start_s: float = 0.0, duration_s: float | None = None) -> SongAudio:
    """A part of a song, with the mixture that its layout says is the song's own.

    Args:
        song: With known stems.
        start_s: Where to start.
        duration_s: How much to take; None takes all.

    Raises:
        AudioFileError: A file is unreadable.
    """
    references, rate = song.read(start_s, duration_s)
    mixture = song.read_mixture(*song.part(start_s, duration_s)) if song.mixture else None
    return SongAudio(song.name, song.stems, references, rate, start_s, mixture)


class KindSong(NamedTuple):
    """A song, its kind of music, and the name in reports, which no other song has."""

    song: Song
    kind: str
    name: str


def open_songs(
    data: str, split: str = "test", layout: str | None = None, has_kind_folders: bool = False
) -> list[KindSong]:
    """Songs of a folder.

    Args:
        data: Folder, or "musdb".
        split: Subfolder that is taken where there is one, and the split of a layout; "all" is all.
        layout: One of `streamsep data check`; None takes MUSDB where it looks like that, else folders
            that hold a file per stem.
        has_kind_folders: Whether the folders directly below hold a kind of music each, and name it.

    Raises:
        AudioFileError: There are none, or songs to train with would be taken unasked.
        ParameterError: MUSDB_PATH is not set, the layout is unknown, or two songs have one name.
    """
    folder = Path(data)
    if data == MUSDB and not folder.is_dir():
        folder, layout = _musdb(), layout or "auto"
    if not folder.is_dir():
        raise AudioFileError(f"no folder {folder}; name one with a folder per song after --data")
    if layout is None and not has_kind_folders and musdb.fits(folder):
        layout = musdb.layout.name  # its mixtures are its own
    if layout is not None:
        from streamsep_offline.data.excerpts import DataSettings
        from streamsep_offline.data.excerpts import open_songs as open_layout

        return _named(
            [(s, s.kind) for s in open_layout(folder, split, DataSettings(layout=layout))]
        )
    folder = _folder_of(folder, split)
    if not has_kind_folders:
        return _named([(song, song.kind) for song in find_songs(folder)])
    songs: list[tuple[Song, str]] = []
    for below in sorted(path for path in folder.iterdir() if path.is_dir()):
        songs += [(song, below.name) for song in find_songs(below)]
    if not songs:
        raise AudioFileError(f"no folders of songs in {folder}; leave out --kinds")
    return _named(songs)


def _folder_of(folder: Path, split: str) -> Path:
    """The folder of a split, or all where songs are not split."""
    below = split_folder(folder, split) if split in SPLITS[:-1] else folder / split
    if below is not None and below.is_dir():
        return below
    if split != "all" and split_folder(folder, "train") is not None:
        raise AudioFileError(
            f"{folder} has songs to train with, but no folder '{split}'; name the split to score with "
            "--split, or --split all"
        )
    return folder


def _named(songs: Sequence[tuple[Song, str]]) -> list[KindSong]:
    """Songs by their own names where these tell them apart, else by kind and name."""
    names = [song.name for song, _ in songs]
    if len(set(names)) < len(names):
        names = [f"{kind}/{song.name}" for song, kind in songs]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError(
                f"two songs are named '{name}'; rename a folder, reports go by names"
            )
    return [KindSong(song, kind, name) for (song, kind), name in zip(songs, names, strict=True)]


def _musdb() -> Path:
    path = os.environ.get("MUSDB_PATH")
    if not path:
        raise ParameterError(
            "--data musdb needs the folder of MUSDB18 or MUSDB18-HQ in MUSDB_PATH; set it, or name the "
            "folder after --data"
        )
    return Path(path)
