"""Layout "stems": a folder per song, in it a file per stem, named as stems are named here.

    ROOT/[train|valid|test/]SONG/{vocals,drums,bass,piano,other,accompaniment}.wav

Other files, a mixture too, are not read: the mixture is the sum of the stems.
"""

from __future__ import annotations

from pathlib import Path

from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.layouts.split import songs_of_split
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import Song, find_songs, song_in


def find(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Songs of a split."""

    def below(folder: Path) -> list[Song]:
        songs = list(find_songs(folder, settings.store, settings.sample_rate))
        return [_only(song, settings.stems) for song in songs]

    return songs_of_split(root, split, settings.valid_share, below)


def _only(song: Song, stems: tuple[str, ...]) -> Song:
    if not stems:
        return song
    kept = {name: pieces for name, pieces in song.pieces.items() if name in stems}
    return Song(song.name, kept, (), song.kind, song.rate, song.store)


def fits(root: Path) -> bool:
    """Whether a folder below has two stems or more."""
    folders = [root, *(p for p in sorted(root.rglob("*")) if p.is_dir())]
    return any(song_in(folder) is not None for folder in folders)


layout = Layout("stems", "a folder per song, a file per stem", find, fits)
