"""Everything in a folder of songs, split by split, as checks and statistics want it: nothing left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from streamsep.errors import AudioFileError
from streamsep_offline.data.layouts import find_layout
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import MIXTURE_NAMES, Song, audio_files


@dataclass(frozen=True)
class Inventory:
    """What is in a folder.

    Attributes:
        layout: How it lies.
        splits: Songs of each split that has any.
    """

    layout: Layout
    splits: dict[str, list[Song]]

    @property
    def songs(self) -> list[Song]:
        """Songs of all splits."""
        return [song for songs in self.splits.values() for song in songs]

    def stems(self) -> Iterator[tuple[Song, str]]:
        """Every stem of every song."""
        for song in self.songs:
            for stem in song.stems:
                yield song, stem


def take_inventory(folder: Path, settings: DataSettings) -> Inventory:
    """Songs of all splits, also those that lack stems.

    Raises:
        ParameterError: The layout is unknown.
        AudioFileError: There are no songs.
    """
    layout = find_layout(settings.layout, folder)
    lenient = replace(settings, missing_stems="silent")
    splits: dict[str, list[Song]] = {}
    for split in ("train", "valid", "test"):
        try:
            splits[split] = layout.find(folder, split, lenient)
        except AudioFileError:
            continue
    if "train" not in splits:  # nothing to learn from, so there is nothing to divide
        splits = {"all": layout.find(folder, "all", lenient)}
    return Inventory(layout, splits)


def beside(song: Song) -> dict[str, Path]:
    """Audio files in the folder of a song that none of its stems or its mixture is, by name.

    Empty where songs have no folder of their own.
    """
    pieces = [*song.mixture, *(piece for group in song.pieces.values() for piece in group)]
    used = {piece.path for piece in pieces}
    folders = {path.parent for path in used}
    if len(folders) != 1 or (folder := folders.pop()).name != song.name or not folder.is_dir():
        return {}
    return {name: path for name, path in audio_files(folder).items() if path not in used}


def with_mixture(song: Song) -> Song | None:
    """The song with a mixture to compare its stems with: the layout's, or a file beside the stems."""
    if song.mixture:
        parts = [piece for pieces in song.pieces.values() for piece in pieces]
        return None if set(song.mixture) & set(parts) else song  # a difference fits by itself
    files = beside(song)
    found = [files[name] for name in MIXTURE_NAMES if name in files]
    return replace(song, mixture=(Piece(found[0]),)) if found else None
