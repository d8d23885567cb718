"""Layouts "trackfolder_fix" and "trackfolder_var": a folder per song, any names of files.

    ROOT/[train|valid|test/]SONG/ANY.wav

Each file is a stem by its name; files called mixture or mix are not read. In "trackfolder_fix" every
song has the same files (those named by `stems`, or all that occur), in "trackfolder_var" each has what
it has, and what is no target is summed.
"""

from __future__ import annotations

from pathlib import Path

from streamsep.errors import AudioFileError
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.layouts.split import songs_of_split
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import MIXTURE_NAMES, Song, audio_files, kind_of, order_stems


def find_any(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Songs of a split, each with the files it has."""
    return songs_of_split(root, split, settings.valid_share, lambda f: _songs(f, settings))


def find_same(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Songs of a split that have the same files; `missing_stems` says what becomes of others."""

    def below(folder: Path) -> list[Song]:
        songs = _songs(folder, settings)
        names = settings.stems or order_stems([name for song in songs for name in song.stems])
        whole = [song for song in songs if _has(song, names, folder, settings.missing_stems)]
        if not whole:
            raise AudioFileError(
                f"no song below {folder} has all of {', '.join(names)}; set stems or missing_stems"
            )
        return whole

    return songs_of_split(root, split, settings.valid_share, below)


def _songs(root: Path, settings: DataSettings) -> list[Song]:
    songs = []
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        files = audio_files(folder)
        names = [name for name in files if name not in MIXTURE_NAMES]
        names = order_stems([n for n in names if not settings.stems or n in settings.stems])
        if names:
            pieces = {name: (Piece(files[name]),) for name in names}
            kind, store = kind_of(folder), settings.store
            songs.append(Song(folder.name, pieces, (), kind, settings.sample_rate, store))
    if not songs:
        wanted = " or ".join(settings.stems) or "any name"
        raise AudioFileError(
            f"no songs in {root}; expected a folder for each, with audio files of {wanted} in it"
        )
    return songs


def _has(song: Song, names: tuple[str, ...] | list[str], root: Path, missing_stems: str) -> bool:
    lacking = [name for name in names if name not in song.pieces]
    if lacking and missing_stems == "refuse":
        raise AudioFileError(
            f"{root / song.name} has no file of '{lacking[0]}'; add it, name the files of all songs by "
            "stems = [...], or set missing_stems to skip or silent"
        )
    return not lacking or missing_stems == "silent"


same = Layout("trackfolder_fix", "a folder per song, the same files in each", find_same)
varying = Layout(
    "trackfolder_var", "a folder per song, any files, what is no target is summed", find_any
)
