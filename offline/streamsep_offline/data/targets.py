"""From the stems that songs have to the stems that are asked for.

What is no target joins the target "other", else the target "accompaniment"; without either it is a
last stem of its own, called "accompaniment" beside vocals alone and "other" else. So the stems of an
example always sum to the song.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamsep.errors import AudioFileError
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import STEM_NAMES, Song, order_stems


@dataclass(frozen=True)
class Plan:
    """Which stems of the songs make which stems of an example.

    Attributes:
        stems: Of an example.
        units: For each of these, groups of names; the names of a group come from the same song.
    """

    stems: tuple[str, ...]
    units: tuple[tuple[tuple[str, ...], ...], ...]

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Names that are summed, by the stem of an example."""
        named = zip(self.stems, self.units, strict=True)
        return {stem: tuple(name for unit in units for name in unit) for stem, units in named}


def plan_targets(
    songs: Sequence[Song], settings: DataSettings, is_loose: bool
) -> tuple[list[Song], Plan]:
    """Songs with their stems sorted into names that matter, and what becomes of these.

    Args:
        songs: At least one.
        settings: `targets`, `stems` and `missing_stems` count.
        is_loose: Songs are single stems that do not belong together.

    Raises:
        AudioFileError: A target is missing, in a song or in all.
    """
    present = {name for song in songs for name in song.stems}
    named = settings.targets or settings.stems or tuple(n for n in STEM_NAMES if n in present)
    if not named:
        raise AudioFileError(
            f"none of the stems is named as usual ({', '.join(sorted(present)[:8])}); say which to "
            "find by targets = [...]"
        )
    rest = residual_name(named)
    if not is_loose:
        kept = dict.fromkeys((*named, *(n for n in STEM_NAMES if n in present)))
        songs = [song.lumped(tuple(kept), rest) for song in songs]
        present = {name for song in songs for name in song.stems}
    groups = {name: [name] if name in present else [] for name in named}
    others = [name for name in order_stems(sorted(present)) if name not in groups]
    if others:
        groups.setdefault(rest, []).extend(others)
    songs = _whole(songs, {name: groups[name] for name in named}, settings, is_loose)
    return songs, Plan(tuple(groups), tuple(_units(g, songs, is_loose) for g in groups.values()))


def residual_name(targets: Sequence[str]) -> str:
    """Name of the stem that takes what is no target."""
    for name in ("other", "accompaniment"):
        if name in targets:
            return name
    return "accompaniment" if tuple(targets) == ("vocals",) else "other"


def _whole(
    songs: Sequence[Song], groups: dict[str, list[str]], settings: DataSettings, is_loose: bool
) -> list[Song]:
    """Songs that have every target, as `missing_stems` has it."""
    for target, group in groups.items():
        if not group:
            found = ", ".join(order_stems(sorted({n for song in songs for n in song.stems})))
            raise AudioFileError(
                f"no song has the stem '{target}'; there are: {found}. Set targets, or add its files"
            )
    if is_loose or settings.missing_stems == "silent":
        return list(songs)
    whole = []
    for song in songs:
        lacking = [t for t, group in groups.items() if not set(group) & set(song.stems)]
        if not lacking:
            whole.append(song)
        elif settings.missing_stems == "refuse":
            place = next(iter(song.pieces.values()))[0].path
            raise AudioFileError(
                f"song '{song.name}' ({place.parent}) lacks the stem '{lacking[0]}'; add its file, or "
                "set missing_stems to skip or silent"
            )
    if not whole:
        raise AudioFileError(
            f"no song has all of {', '.join(groups)}; set targets or missing_stems"
        )
    return whole


def _units(
    group: Sequence[str], songs: Sequence[Song], is_loose: bool
) -> tuple[tuple[str, ...], ...]:
    """Stems that every song has are units of their own; what only some have goes with the first."""
    if is_loose:
        return tuple((name,) for name in group)
    common = [name for name in group if all(name in song.pieces for song in songs)]
    others = [name for name in group if name not in common]
    if not common:
        return (tuple(others),)
    return ((common[0], *others), *((name,) for name in common[1:]))
