"""Which songs to learn from and which to validate with: folders say it, else a digest of the name.

The digest makes it so that songs that are added later never move one from a split to the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.data.song import Song

SPLITS = ("train", "valid", "test", "all")

_FOLDERS = {
    "train": ("train",),
    "valid": ("valid", "validation", "select"),
    "test": ("test", "report"),
}
"""Names of a split's folder; the last ones are those of `streamsep data make`."""


def check_split(split: str) -> None:
    """Refuse an unknown split.

    Raises:
        ParameterError: It is unknown.
    """
    if split not in SPLITS:
        raise ParameterError(f"split '{split}' is unknown; use one of: {', '.join(SPLITS)}")


def split_folder(root: Path, split: str) -> Path | None:
    """The folder of a split below a root, None where there is none."""
    folders = (root / name for name in _FOLDERS[split])
    return next((folder for folder in folders if folder.is_dir()), None)


def songs_of_split(
    root: Path, split: str, valid_share: float, find: Callable[[Path], list[Song]]
) -> list[Song]:
    """Songs of a split: those in its folder, else a share of all.

    Args:
        root: May hold folders of splits.
        split: One of `SPLITS`.
        valid_share: Share of songs to validate with, where there is no folder for it.
        find: All songs of a folder.

    Raises:
        ParameterError: The split is unknown.
        AudioFileError: It has no songs.
    """
    check_split(split)
    if not root.is_dir():
        raise AudioFileError(f"{root} is not a folder; name the folder of the songs")
    folders = {name: split_folder(root, name) for name in _FOLDERS}
    present = [folder for folder in folders.values() if folder is not None]
    if split == "all":
        return [song for folder in present or [root] for song in find(folder)]
    if split != "test" and folders["valid"] is None:
        train = _need(root, "train", folders["train"]) if present else root
        return share_out(find(train), split, valid_share, root)
    return find(_need(root, split, folders[split]))


def _need(root: Path, split: str, folder: Path | None) -> Path:
    if folder is None:
        names = " or ".join(f"'{name}'" for name in _FOLDERS[split])
        raise AudioFileError(f"{root} has no folder {names}; put the songs of that split there")
    return folder


def share_out(songs: Sequence[Song], split: str, valid_share: float, root: Path) -> list[Song]:
    """Songs of "train" or "valid", by a digest of their names.

    Of the songs with the same stems at least one is for validation, unless the share is 0: single
    stems, which are songs of one stem, are shared out stem by stem.

    Args:
        songs: All of them.
        split: "train" or "valid".
        valid_share: 0 to 1.
        root: For the message.

    Raises:
        AudioFileError: The split has none.
    """
    lowest: dict[tuple[str, ...], float] = {}
    for song in songs:
        key = song.stems if len(song.stems) == 1 else ()
        lowest[key] = min(_place(song.name), lowest.get(key, 1.0))

    def is_valid(song: Song) -> bool:
        least = lowest[song.stems if len(song.stems) == 1 else ()]
        return valid_share > 0.0 and _place(song.name) <= max(valid_share, least)

    wanted = [song for song in songs if is_valid(song) == (split == "valid")]
    if len(songs) == 1 and not wanted:
        raise AudioFileError(
            f"{root} has one song, '{songs[0].name}', and needs two: one to learn from, one to validate "
            "with; add a song, or put this one in both of the folders 'train' and 'valid'"
        )
    if not wanted:
        raise AudioFileError(
            f"{root}: of {len(songs)} songs none is left for '{split}'; add songs, set valid_share "
            f"({valid_share}), or put songs in folders 'train' and 'valid'"
        )
    return wanted


def _place(name: str) -> float:
    """A number between 0 and 1 that only the name decides."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64
