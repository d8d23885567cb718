"""The lists of a run with hashes: what was learned from, what decided, what the last look is for.

RUN/lists.json    {"format": "streamsep-lists", "version": 1, "seed": 1, "lists": {"train": {}, ...}}

Of each list: its `songs` with a SHA-256 of all stems, the `excerpts_s` that are scored of recorded
ones, and the `ingredients` of its made songs that have an identity (singers, kits, instruments,
drummers), and of how many made songs those `without` something were chosen. Nothing may be in two
lists. Songs rendered while they are read are told by seed and count: whoever has the seed has them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from streamsep.errors import ParameterError
from streamsep_offline.data.song import Song, find_songs
from streamsep_offline.maker.library import MANIFEST
from streamsep_offline.maker.splits import SPLITS, identity
from streamsep_offline.training.ingredients import made_songs
from streamsep_offline.training.lists import SongList, SongLists
from streamsep_offline.training.whole_file import whole_file

LISTS = "lists.json"
"""Name of the file within a run."""

_BLOCK_BYTES = 1 << 20


def describe_lists(songs: SongLists, samples: Path, made: Path) -> dict[str, Any]:
    """What is in each list, a JSON value; see the module's text.

    Args:
        songs: The lists of a recipe.
        samples: Folder of recorded songs.
        made: Folder of made songs, by list; one that is not there is left out.

    Raises:
        AudioFileError: A recorded song is not there.
        ParameterError: A song or an ingredient is in two lists.
    """
    lists = {name: _describe(getattr(songs, name), samples, made / name) for name in SPLITS}
    check_disjoint(lists)
    return {"format": "streamsep-lists", "version": 1, "seed": songs.seed, "lists": lists}


def check_disjoint(lists: Mapping[str, Mapping[str, Any]]) -> None:
    """Compare lists pair by pair.

    Raises:
        ParameterError: A song or an ingredient is in two of them.
    """
    for (one, first), (other, second) in itertools.combinations(lists.items(), 2):
        names = {digest: name for name, digest in first["songs"].items()}
        for name, digest in second["songs"].items():
            if digest in names:
                raise ParameterError(
                    f"the song {names[digest]} of list '{one}' is {name} of list '{other}'; "
                    "take it out of one of them"
                )
        for kind, found in first["ingredients"].items():
            shared = set(found) & set(second["ingredients"].get(kind, ()))
            if shared:
                raise ParameterError(
                    f"made songs of the lists '{one}' and '{other}' share the {kind} {min(shared)}; "
                    "render them anew with this version"
                )


def write_lists(songs: SongLists, samples: Path, made: Path, folder: Path) -> None:
    """Write `LISTS` into a run's folder; raises as `describe_lists` does."""
    described = describe_lists(songs, samples, made)
    with whole_file(folder / LISTS, encoding="utf-8") as file:
        file.write(json.dumps(described, indent=1) + "\n")


def _describe(songs: SongList, samples: Path, made: Path) -> dict[str, Any]:
    rendered = made_songs(songs, made) if songs.made and made.is_dir() else []
    recorded = {
        folder if song.name == Path(folder).name else f"{folder}/{song.name}": song
        for folder in songs.folders
        for song in find_songs(samples / folder)
    }
    entries = {song.name: song for song in rendered} | recorded
    return {
        "made": songs.made,
        **({"of": songs.n_rendered, "without": list(songs.without)} if songs.without else {}),
        "excerpts_s": [list(part) for part in songs.excerpts_s],
        "songs": {name: _digest(song) for name, song in entries.items()},
        "ingredients": _ingredients(made / song.name for song in rendered),
    }


def _digest(song: Song) -> str:
    """Of all files of a song, its stems in their order."""
    state = hashlib.sha256()
    for pieces in song.pieces.values():
        for piece in pieces:
            with piece.path.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    state.update(block)
    return state.hexdigest()


def _ingredients(folders: Iterator[Path]) -> dict[str, list[str]]:
    """Names by kind, of the kinds that belong to one list."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for one in manifest["ingredients"]:
            if (known := identity(one["kind"], one["name"], one["source"])) is not None:
                found.setdefault(known[0], set()).add(known[1])
    return {kind: sorted(names) for kind, names in sorted(found.items())}
