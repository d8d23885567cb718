"""Layout "sourcefolder": a folder per stem; what lies in different folders does not belong together.

    ROOT/[train|valid|test/]{vocals,drums,...}/ANY.wav

Examples are always remixed.
"""

from __future__ import annotations

from pathlib import Path

from streamsep.errors import AudioFileError
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.layouts.split import songs_of_split, split_folder
from streamsep_offline.data.piece import AV_SUFFIXES, SUFFIXES, Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import STEM_NAMES, Song


def find(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Files of a split, each a song of one stem."""
    return songs_of_split(root, split, settings.valid_share, lambda f: _files(f, settings))


def _files(root: Path, settings: DataSettings) -> list[Song]:
    songs = []
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        if settings.stems and folder.name not in settings.stems:
            continue
        for path in _audio_below(folder):
            name = path.relative_to(root).with_suffix("").as_posix()
            pieces = {folder.name: (Piece(path),)}
            songs.append(Song(name, pieces, (), "", settings.sample_rate, settings.store))
    if not songs:
        wanted = ", ".join(settings.stems) or "vocals, drums, ..."
        raise AudioFileError(
            f"no audio files below {root}; expected a folder for each stem ({wanted})"
        )
    return songs


def _audio_below(folder: Path) -> list[Path]:
    suffixes = SUFFIXES + AV_SUFFIXES
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in suffixes and p.is_file())


def fits(root: Path) -> bool:
    """Whether two folders or more are named like stems and hold audio files."""
    place = split_folder(root, "train") or root
    folders = [place / name for name in STEM_NAMES if (place / name).is_dir()]
    return len([folder for folder in folders if _audio_below(folder)]) >= 2


layout = Layout("sourcefolder", "a folder per stem, unrelated files in each", find, fits, True)
