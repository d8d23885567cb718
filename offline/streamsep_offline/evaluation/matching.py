"""Which estimate is of which reference, when a model's stems and a song's are cut differently.

Both sides are cut into what they can have in common: a song of vocals and accompaniment and a model of
four stems meet at vocals and the sum of the other three; a song of four stems and a model of two meet
there too; a piano nobody names is in the others. Stems without a counterpart stay as they are: a
reference that nobody estimates is still in the mixture, an estimate that no reference knows is not scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from streamsep.errors import ParameterError

_PARTS = ("vocals", "drums", "bass", "piano", "other")
_NOT = "no_"


class Matched(NamedTuple):
    """References and what was estimated of them.

    Attributes:
        names: Of the references; those that are estimated come first.
        references: They sum to the mixture. [references, channels, n]
        estimates: Of the first of them. [estimates, channels, n]
    """

    names: tuple[str, ...]
    references: np.ndarray
    estimates: np.ndarray


def match(
    song_stems: Sequence[str],
    references: np.ndarray,
    model_stems: Sequence[str],
    estimates: np.ndarray,
) -> Matched:
    """Sums of references and estimates that mean the same.

    Args:
        song_stems: Names of the references.
        references: [targets, channels, n]
        model_stems: Names of the estimates.
        estimates: [stems, channels, n]

    Raises:
        ParameterError: They have nothing in common.
    """
    groups = _groups(song_stems, model_stems)
    scored = [(of_song, of_model) for of_song, of_model in groups if of_song and of_model]
    left = [of_song for of_song, of_model in groups if not of_model]
    if not scored:
        raise ParameterError(
            f"the model gives {', '.join(model_stems)}, the song has {', '.join(song_stems)}: "
            "nothing to compare; name the files alike"
        )
    names = [_name(song_stems, a, model_stems, b) for a, b in scored]
    parts = [references[of_song].sum(axis=0) for of_song, _ in scored]
    for of_song in left:
        names += [song_stems[i] for i in of_song]
        parts += [references[i] for i in of_song]
    return Matched(
        tuple(names), np.stack(parts), np.stack([estimates[b].sum(axis=0) for _, b in scored])
    )


def absent(song_stems: Sequence[str], model_stems: Sequence[str]) -> list[int]:
    """Indices of the model's stems that the song cannot contain: vocals where no reference has any.

    What may be in a reference of a foreign name, such as the others, is not said to be absent.
    """
    return [
        of_model[0]
        for of_song, of_model in _groups(song_stems, model_stems)
        if not of_song and len(of_model) == 1 and model_stems[of_model[0]] in _PARTS[:-1]
    ]


def _groups(
    song_stems: Sequence[str], model_stems: Sequence[str]
) -> list[tuple[list[int], list[int]]]:
    """Indices of references and of estimates that overlap, directly or by way of another stem."""
    groups: list[tuple[set[str], list[int], list[int]]] = []
    for side, stems in ((0, song_stems), (1, model_stems)):
        for index, name in enumerate(stems):
            parts = _parts(name, stems, song_stems)
            of_song, of_model = ([index], []) if side == 0 else ([], [index])
            for group in [g for g in groups if g[0] & parts]:
                groups.remove(group)
                parts = parts | group[0]
                of_song, of_model = group[1] + of_song, group[2] + of_model
            groups.append((parts, of_song, of_model))
    groups.sort(key=lambda g: min(g[1], default=len(song_stems)))
    return [(sorted(of_song), sorted(of_model)) for _, of_song, of_model in groups]


def _parts(name: str, stems: Sequence[str], song_stems: Sequence[str]) -> set[str]:
    """What a stem is made of."""
    if name == "accompaniment":
        return set(_PARTS) - {"vocals"}
    if name == "other":
        return {"other"} if "piano" in stems else {"other", "piano"}
    if name.startswith(_NOT):
        everything = set(_PARTS) | {s for s in song_stems if s != "accompaniment"}
        return everything - {name.removeprefix(_NOT)}
    return {name}


def _name(
    song_stems: Sequence[str], of_song: list[int], model_stems: Sequence[str], of_model: list[int]
) -> str:
    if len(of_song) == 1:
        return song_stems[of_song[0]]
    if len(of_model) == 1:
        return model_stems[of_model[0]]
    return "+".join(song_stems[i] for i in of_song)
