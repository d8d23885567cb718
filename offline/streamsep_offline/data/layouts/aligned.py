"""Layout "aligned": pairs of a mixture and what is to be found in it.

    ROOT/[train|valid|test/]SONG/{mixture.wav,vocals.wav}

The names, which may be patterns, are `input_file` and `target_file`. The other stem is the difference.
"""

from __future__ import annotations

from pathlib import Path

from streamsep.errors import AudioFileError
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.layouts.split import songs_of_split, split_folder
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import Song, kind_of
from streamsep_offline.data.targets import residual_name


def find(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Pairs of a split."""
    return songs_of_split(root, split, settings.valid_share, lambda f: _pairs(f, settings))


def _pairs(root: Path, settings: DataSettings) -> list[Song]:
    target = settings.targets[0] if settings.targets else Path(settings.target_file).stem
    songs = []
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        found = {
            name: sorted(folder.glob(name)) for name in (settings.input_file, settings.target_file)
        }
        lacking = [name for name, files in found.items() if not files]
        if not lacking:
            mixture, part = (Piece(files[0]) for files in found.values())
            rest = (mixture, Piece(part.path, gain=-1.0))
            pieces = {target: (part,), residual_name((target,)): rest}
            kind, store = kind_of(folder), settings.store
            songs.append(Song(folder.name, pieces, (mixture,), kind, settings.sample_rate, store))
        elif settings.missing_stems == "refuse" and len(lacking) == 1:
            raise AudioFileError(
                f"{folder} has no {lacking[0]}; add it, set input_file or target_file, or set "
                "missing_stems = skip"
            )
    if not songs:
        raise AudioFileError(
            f"no songs in {root}; expected folders with {settings.input_file} and "
            f"{settings.target_file} (input_file, target_file)"
        )
    return songs


def fits(root: Path) -> bool:
    """Whether the folders of songs hold mixture.wav and vocals.wav."""
    place = split_folder(root, "train") or root
    folders = [p for p in place.iterdir() if p.is_dir()] if place.is_dir() else []
    return any(all((f / n).is_file() for n in ("mixture.wav", "vocals.wav")) for f in folders)


layout = Layout("aligned", "pairs of a mixture and one stem of it", find, fits)
