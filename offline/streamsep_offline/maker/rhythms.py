"""In which rhythms chords are played: strums, skanks, montunos, stabs, by genre and metre."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.tempo import Metre

Rhythm = list[tuple[int, int]]
"""(start, length) in sixteenths within a bar."""

_EVEN = ("x-x-x-x-x-x-x-x-", "x---x---x---x---", "x-------x-------", "x---------------")
_ROCK = (*_EVEN, "x--x--x-x--x--x-", "x-----x-x-----x-", "x--x--x---x-x---", "x-x-x-xxx-x-x-xx")
_STRUMS = (
    "x---x-x-..x-x-x-", "x---x-xxx---x-xx", "x-----x-x---x-x-", "x---x---x-x-x-x-",
    "x-x-x-x-x-x-x-x-", "x-------x-------", "x--xx-x-x--xx-x-",
)  # fmt: skip
_SOFT = ("x---------------", "x-------x-------", "x---x---x---x---", "x-----------x---",
         "x-----x-----x---")  # fmt: skip
_FUNK = (
    "..x...x..x....x.", "x..x..x.....x.xx", "xx.xx.xxx.xx.x..", "....x..x....x...",
    "x.x.xx.x.xx.x.xx", "...x..x....x..x.", "x..x..x..x..x.x.", "....x.......x...",
)  # fmt: skip
_SWING = ("x-----x-........", "..x-......x-....", "x---..x-....x---", "......x-......x-",
          "x-------..x-....", "..x---....x---..", "x---x---x---x---")  # fmt: skip
_SKANK = ("..x...x...x...x.", "..xx..xx..xx..xx", "..x...x...x..xx.", "..x...xx..x...xx")
_UP = ("..x...x...x...x.", "..xx..xx..xx..xx")
_BOSSA = ("x---..x-....x---", "x-----x-----x---", "..x---x---x-..x-", "x-----x---x-----")
_SAMBA = ("x..x..x...x..x..", "..x..x.x..x..x..", "x.x..x.x..x.x..x")
_MONTUNO = ("x...x.x...x...x.", "..x...x...x...x.", "x.x...x...x.x...", "x...x...x.x...x.")
_CUMBIA = ("....x-......x-..", "..x...x...x...x.", "....x.x.....x.x.")
_STABS = ("..x...x...x...x.", "x--x--x---x--x--", "x..x..x..x..x.x.", "...x..x.......x.",
          "x-------........", "x---------------", "..x..x..x..x..x.", "x.....x...x.....")  # fmt: skip
_PADDED = ("x---------------", "x-------x-------", "........x-------", "x-----x---------")

_BY_GENRE = {
    "punk": ("x-x-x-x-x-x-x-x-", "xxxxxxxxxxxxxxxx", "x-------x-------"), "country": _STRUMS,
    "swing": _SWING, "jazz-ballad": (*_SOFT, "x-----x-........"), "reggae": _SKANK, "ska": _UP,
    "bossa": _BOSSA, "samba": _SAMBA, "salsa": _MONTUNO, "cha-cha": _MONTUNO, "cumbia": _CUMBIA,
    "reggaeton": ("x--x--x-x--x--x-", "...x..x....x..x.", *_PADDED), "lo-fi": (*_SOFT, *_SWING),
    "disco": (*_FUNK, "..x...x...x...x."), "motown": ("....x.......x...", *_STRUMS),
    "doom": ("x---------------", "x-------x-------", "x-----------x---"),
    "blues-rock": ("x-x-x-x-x-x-x-x-", "....x.......x...", *_ROCK),
    "modern-soul": (*_PADDED, "x-----x-........"), "fusion": (*_FUNK, *_SWING),
}  # fmt: skip
_BY_STYLE = {
    "rock": _ROCK, "pop": (*_STRUMS, *_SOFT), "metal": _ROCK, "funk": _FUNK, "folk": _STRUMS,
    "ballad": _SOFT, "jazz": (*_SWING, *_FUNK[:4]), "latin": _CUMBIA, "electronic": _STABS,
    "hip-hop": _PADDED,
}  # fmt: skip
_TWELVE = {
    "3/4": ("x-----------", "x---x---x---", "....x---x---", "x---x-x-x-x-", "..x-x---x-x-",
            "x-----x-x---"),
    "6/8": ("x-x-x-x-x-x-", "x---x-x---x-", "x-----x-----", "x-----------", "x---xxx---xx",
            "..x-x-..x-x-"),
}  # fmt: skip


def parse_rhythm(marks: str) -> Rhythm:
    """Starts and lengths from marks: x begins a chord, - holds it, . is silence."""
    rhythm: Rhythm = []
    for step, mark in enumerate(marks):
        if mark == "x":
            rhythm.append((step, 1))
        elif mark == "-" and rhythm:
            rhythm[-1] = (rhythm[-1][0], step + 1 - rhythm[-1][0])
    return rhythm


def syncopation(rng: np.random.Generator, low: int, high: int, n_steps: int = 16) -> Rhythm:
    """A bar with `low` to `high` starts at random places, always one on the first step."""
    places = {0, *rng.choice(n_steps, int(rng.integers(low, high)), replace=False).tolist()}
    starts = sorted(places)
    return [(a, b - a) for a, b in zip(starts, [*starts[1:], n_steps], strict=True)]


def random_rhythm(rng: np.random.Generator, n_steps: int = 16) -> Rhythm:
    """Whole notes, eighths, quarters, or a syncopated bar."""
    kind = rng.random()
    if kind < 0.27:
        return [(0, n_steps)]
    if kind < 0.5:
        return [(i, 2) for i in range(0, n_steps, 2)]
    if kind < 0.62:
        return [(i, min(4, n_steps - i)) for i in range(0, n_steps, 4)]
    return syncopation(rng, 3, 7, n_steps)


def comping(rng: np.random.Generator, genre: Genre, metre: Metre) -> tuple[Rhythm, Rhythm, Rhythm]:
    """How chords are played in each kind of section; choruses are mostly the busiest."""
    rhythms = [_one(rng, genre, metre) for _ in range(3)]
    if rng.random() < 0.6 and len(rhythms[0]) > len(rhythms[1]):
        rhythms[0], rhythms[1] = rhythms[1], rhythms[0]
    if rng.random() < 0.3:
        rhythms[1] = rhythms[0]
    return rhythms[0], rhythms[1], rhythms[2]


def _one(rng: np.random.Generator, genre: Genre, metre: Metre) -> Rhythm:
    table = _TWELVE.get(metre.name)
    own_chance = 0.75
    if table is None and metre.steps == 16:
        table = _BY_GENRE.get(genre.name)
        own_chance = 0.9 if table else 0.7
        table = table or _BY_STYLE[genre.style]
    if table is None or rng.random() > own_chance:
        return random_rhythm(rng, metre.steps)
    return parse_rhythm(table[int(rng.integers(len(table)))])
