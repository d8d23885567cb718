"""Layout "spleeter": tables of files, as Spleeter trains with.

    ROOT/{*train,*valid*,*test}.csv    mix_path,vocals_path,accompaniment_path,duration

or one table, of which a share is for validation. Paths are relative to the table's folder, or
absolute. The mixture is the file of mix_path; without one it is the sum of the stems.
"""

from __future__ import annotations

import csv
from pathlib import Path

from streamsep.errors import AudioFileError
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.layouts.split import check_split, share_out
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import Song, order_stems

_MIXTURE = "mix"

_SUFFIX = "_path"


def find(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Songs of a split."""
    check_split(split)
    tables = _tables(root)
    if split == "all":
        return [song for table in tables.values() for song in _songs(table, settings)]
    if split in tables:
        wanted = tables[split]
        if split != "train" or "valid" in tables:
            return _songs(wanted, settings)
    if split == "test" or "train" not in tables:
        raise AudioFileError(f"{root} has no table of the songs for '{split}'; add {split}.csv")
    return share_out(_songs(tables["train"], settings), split, settings.valid_share, root)


def _tables(root: Path) -> dict[str, Path]:
    """Tables by split; a single one is for training."""
    files = [root] if root.is_file() else sorted(root.glob("*.csv"))
    if not files:
        raise AudioFileError(f"{root} holds no .csv file; add train.csv with columns mix_path, ...")
    if len(files) == 1:
        return {"train": files[0]}
    tables = {}
    for split in ("train", "valid", "test"):
        named = [path for path in files if split in path.stem.lower()]
        if len(named) > 1:
            raise AudioFileError(f"{named[0]} and {named[1]} are both for '{split}'; keep one")
        if named:
            tables[split] = named[0]
    return tables


def _songs(table: Path, settings: DataSettings) -> list[Song]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AudioFileError(
            f"{table} is no table of songs ({error}); write it as UTF-8"
        ) from error
    columns = [name for name in (rows[0] if rows else ()) if name and name.endswith(_SUFFIX)]
    stems = [name.removesuffix(_SUFFIX) for name in columns if name != _MIXTURE + _SUFFIX]
    stems = order_stems([s for s in stems if not settings.stems or s in settings.stems])
    if not stems:
        raise AudioFileError(
            f"{table} names no stems; expected columns mix_path, vocals_path, ..., duration, and rows"
        )
    return [_song(table, row, stems, settings) for row in rows]


def _song(
    table: Path, row: dict[str, str | None], stems: list[str], settings: DataSettings
) -> Song:
    def pieces(stem: str) -> tuple[Piece, ...]:
        cell = (row.get(stem + _SUFFIX) or "").strip()
        return (Piece(table.parent / cell),) if cell else ()

    found = {stem: pieces(stem) for stem in stems if pieces(stem)}
    if not found:
        raise AudioFileError(f"{table} has a row without stems: {list(row.values())}; fill it in")
    mixture = pieces(_MIXTURE)
    path = (mixture or next(iter(found.values())))[0].path
    # Stems of different songs often have the same file name, in folders of the songs.
    base = table.parent if path.is_relative_to(table.parent) else path.anchor
    name = path.relative_to(base).with_suffix("").as_posix()
    return Song(name, found, mixture, "", settings.sample_rate, settings.store)


def fits(root: Path) -> bool:
    """Whether it is, or holds, a table with a column mix_path."""
    files = [root] if root.is_file() else sorted(root.glob("*.csv"))
    return any(_is_table(path) for path in files if path.suffix.lower() == ".csv")


def _is_table(path: Path) -> bool:
    with path.open("rb") as file:
        return b"mix_path" in file.readline(1 << 12)


layout = Layout("spleeter", "tables of files: mix_path,vocals_path,...,duration", find, fits)
