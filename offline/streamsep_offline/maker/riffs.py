"""Riffs: figures of one bar that guitars and bass play in unison, and drums follow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.tempo import Metre


class RiffNote(NamedTuple):
    """One note of a riff: sixteenths within the bar, semitones above the chord's root."""

    step: int
    length: int
    offset: int
    is_muted: bool


Riff = tuple[RiffNote, ...]

_RHYTHMS = {
    "metal": (
        "X.mmX.mmX.mmX.X.", "mmXmmXmmXmmXX.X.", "X..X..X.mmmmmmmm", "m.mmm.mmm.mmX.X.",
        "X.X.mmmmX.X.mmmm", "mmmmX...mmmmX.X.", "X.mmX.X.X.mmX.X.", "X...mmX...mmX.X.",
    ),
    "thrash": (
        "mmmmmmmmmmmmX.X.", "m.mmm.mmm.mmm.mm", "X.mmmmmmX.mmmmmm", "mmmmX.mmmmmmX.X.",
        "X.X.mmmmmmmmmmmm",
    ),
    "doom": ("X...............", "X.......X...X...", "X...........X.X.", "X.....X.X......."),
    "metalcore": (
        "m..m..m.m...m.m.", "mm..m.....mm..m.", "m..m...m..m.X...", "mm.mm.mm.mm.mm..",
        "m...m.mm..m...mm", "m.....m..m......",
    ),
    "rock": (
        "X..X..X.X.......", "X.X...X..XX.X...", "X...X.X.X...X.X.", "X..XX...X..XX...",
        "X.mmX.mmX.mmX.mm", "X.....X.X...XX..", "X.X.X.X.X..X..X.", "..X.X.X...X.X.X.",
    ),
    "funk": (
        "X..X..X.....XX.X", "X.XX..X.X....X..", "X.....XX..X.XX..", "XX..X..X..X.X...",
        "X..X.X..X.......", "X...X..XX..X.X..",
    ),
}  # fmt: skip
"""Bars of sixteenths: X is a note that moves, m the damped root, . lasts or rests."""

_CHANCES = {"metal": 0.85, "rock": 0.3, "funk": 0.4, "electronic": 0.2, "hip-hop": 0.25}
_CHANCE_BY_NAME = {"hard-rock": 0.6, "alternative": 0.4, "prog-rock": 0.5, "punk": 0.1}
_CHANCE_BY_NAME |= {"fusion": 0.4, "afrobeat": 0.6, "disco": 0.15, "motown": 0.2}
_MOVES = {
    "metal": (0, 0, 1, 3, 5, 6, 7, 8, 10, 12),
    "rock": (0, 0, 0, 3, 5, 7, 10, 12, -2),
    "funk": (0, 0, 0, 7, 10, 12, 5, 3),
}


def choose_riffs(
    rng: np.random.Generator, genre: Genre, metre: Metre
) -> tuple[Riff | None, Riff | None, Riff | None]:
    """A riff, or None, for each kind of section: verses more often than choruses."""
    chance = _CHANCE_BY_NAME.get(genre.name, _CHANCES.get(genre.style, 0.0))
    return tuple(
        random_riff(rng, genre, metre) if rng.random() < chance * share else None
        for share in (1.0, 0.35, 0.8)
    )


def random_riff(rng: np.random.Generator, genre: Genre, metre: Metre) -> Riff:
    """One bar of a riff."""
    table = genre.name if genre.name in _RHYTHMS else genre.style
    table = table if table in _RHYTHMS else "funk"
    moves = _MOVES["metal" if genre.style == "metal" else "rock" if table == "rock" else "funk"]
    rhythm = _RHYTHMS[table][int(rng.integers(len(_RHYTHMS[table])))]
    if metre.steps != 16:  # cut or go on from the start
        rhythm = (rhythm + rhythm)[: metre.steps]
    starts = [step for step, mark in enumerate(rhythm) if mark != "."]
    notes, offset = [], 0
    for start, end in zip(starts, [*starts[1:], metre.steps], strict=True):
        is_muted = rhythm[start] == "m"
        if not is_muted:
            offset = 0 if start == 0 else int(rng.choice(moves))
        length = 1 if is_muted else min(end - start, int(rng.choice([2, 4, 8, 16])))
        notes.append(RiffNote(start, length, 0 if is_muted else offset, is_muted))
    return tuple(notes)
