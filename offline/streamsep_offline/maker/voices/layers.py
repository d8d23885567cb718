"""Who else sings: doubles, second voices, choirs, ad-libs, whispers, line ends, a shouting crowd."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from streamsep_offline.maker.studio import Take
from streamsep_offline.maker.voices.contour import SPOKEN, SUNG, TUNED, Manner, Phrase
from streamsep_offline.maker.voices.rap import shouts
from streamsep_offline.maker.voices.singing import (
    calls,
    doubled,
    harmonised,
    held_chords_for,
    in_choruses,
    line_ends,
)


@dataclass(frozen=True)
class Layer:
    """One further voice.

    Attributes:
        name: What it is, for the manifest.
        phrases: What it sings.
        manner: How.
        place: -1 left to 1 right.
        level_db: Against the lead, both while they sound.
        n_copies: Above 1, a crowd: copies that drift around the voice.
        width: How far they stand to either side of `place`.
    """

    name: str
    phrases: list[Phrase]
    manner: Manner
    place: float
    level_db: float
    n_copies: int = 1
    width: float = 0.0


_CHANCES: dict[str, dict[str, float]] = {
    SUNG: {"double": 0.35, "harmony": 0.35, "choir": 0.1, "calls": 0.15, "whisper": 0.05},
    "rapped": {"ends": 0.75, "double": 0.35, "calls": 0.45},
    "screamed": {"double": 0.6, "shouts": 0.15},
    "spoken": {},
}
"""How often each layer is there, by how the lead delivers."""

_CHANCES_OF_FLAVOUR: dict[str, dict[str, float]] = {
    "pop": {"double": 0.5, "harmony": 0.5, "choir": 0.15, "whisper": 0.08, "calls": 0.2},
    "ballad": {"double": 0.3, "harmony": 0.45, "choir": 0.22},
    "folk": {"double": 0.15, "harmony": 0.45, "choir": 0.04, "calls": 0.02},
    "jazz": {"double": 0.05, "harmony": 0.08, "choir": 0.03, "calls": 0.15},
    "metal": {"double": 0.55, "harmony": 0.3, "choir": 0.08, "shouts": 0.15},
    "rock": {"shouts": 0.06},
    "funk": {"calls": 0.35, "harmony": 0.45},
    "latin": {"calls": 0.3, "harmony": 0.4, "choir": 0.15},
    "electronic": {"whisper": 0.1, "choir": 0.12},
    "hip-hop": {"double": 0.45, "calls": 0.4, "harmony": 0.3},
}
"""What differs for singing leads by kind of music."""

_N_CROWD = 4
_LOOSE = 0.1
"""Semitones by which further voices wander at least."""


def choose_layers(
    take: Take, phrases: list[Phrase], manner: Manner, centre: float, kind: str
) -> list[Layer]:
    """The further voices of a lead; each drawn by its own generator.

    Args:
        take: The song.
        phrases: What the lead sings.
        manner: How.
        centre: Middle of its range.
        kind: "sung", "rapped", "screamed" or "spoken".
    """
    chances = dict(_CHANCES[kind])
    if kind == SUNG:
        chances |= _CHANCES_OF_FLAVOUR.get(take.plan.genre.style, {})
    if take.plan.genre.name == "punk":
        chances["shouts"] = 0.35
    found: list[Layer] = []
    for name, chance in chances.items():
        rng = take.part("vocals", f"layer {kind} {name}").rng
        if rng.random() < chance:
            found += _BUILDERS[name](take, phrases, manner, centre, rng)
    return [layer for layer in found if layer.phrases]


def _doubles(
    take: Take, phrases: list[Phrase], manner: Manner, centre: float, rng: np.random.Generator
) -> list[Layer]:
    """The lead again, close to the first take: once in the middle, or twice at the sides."""
    chosen = in_choruses(phrases, take.plan) if rng.random() < 0.55 else phrases
    again = replace(manner, vibrato=0.8 * manner.vibrato, drift=max(manner.drift, _LOOSE))
    if rng.random() < 0.4:
        level_db = rng.uniform(-8.0, -3.0)
        return [Layer("double", doubled(chosen, rng, 0.008), again, rng.normal(0, 0.1), level_db)]
    level_db, width = rng.uniform(-10.0, -3.0), rng.uniform(0.4, 1.0)
    return [Layer("double", doubled(chosen, rng, 0.01), again, 0.0, level_db, 2, width)]


def _harmonies(
    take: Take, phrases: list[Phrase], manner: Manner, centre: float, rng: np.random.Generator
) -> list[Layer]:
    """Thirds, sixths or the octave beside the lead, mostly in choruses, straighter than it."""
    chosen = in_choruses(phrases, take.plan) if rng.random() < 0.65 else phrases
    choices = [(2,), (2,), (-5,), (-2,), (2, -5), (2, 4), (-5, 2), (7,), (-7,)]
    steps = choices[int(rng.integers(len(choices)))]
    level_db, width = rng.uniform(-11.0, -4.0), rng.uniform(0.2, 0.9)
    side = float(rng.choice([-1.0, 1.0]))
    found = []
    for k, step in enumerate(steps):
        place = side * width * (-1.0) ** k
        size = float(np.clip(manner.formants * rng.uniform(0.93, 1.1), 0.8, 1.25))
        second = replace(
            manner, vibrato=0.6 * manner.vibrato, formants=size, drift=max(manner.drift, _LOOSE)
        )
        voice = harmonised(chosen, take.plan, step, rng)
        found.append(Layer("harmony", voice, second, place, level_db))
    return found


def _choir(
    take: Take, phrases: list[Phrase], manner: Manner, centre: float, rng: np.random.Generator
) -> list[Layer]:
    """Three parts that hold the choruses' chords, each sung by several."""
    level_db, low = rng.uniform(-15.0, -8.0), int(centre) - int(rng.integers(3, 9))
    soft = replace(manner, contour=SUNG, vibrato=0.15, scoop_chance=0.0, tilt_db=-2.0)
    return [
        Layer(
            "choir", held_chords_for(take.plan, k, low), replace(soft, formants=size),
            (k - 1) * 0.5, level_db, _N_CROWD, 0.5,
        )
        for k, size in enumerate((0.92, 1.0, 1.1))
    ]  # fmt: skip


def _calls(
    take: Take, phrases: list[Phrase], manner: Manner, centre: float, rng: np.random.Generator
) -> list[Layer]:
    """Ad-libs between the lead's phrases."""
    free = replace(manner, scoop_chance=0.5, tilt_db=manner.tilt_db + 1.0)
    voice = calls(take.plan, phrases, round(centre), rng)
    return [Layer("ad-libs", voice, free, rng.uniform(-0.5, 0.5), rng.uniform(-10.0, -3.0))]


def _whispers(
    take: Take, phrases: list[Phrase], manner: Manner, centre: float, rng: np.random.Generator
) -> list[Layer]:
    """The lead whispered along with itself."""
    quiet = replace(manner, is_whispered=True)
    voice = doubled(phrases, rng, 0.015)
    return [Layer("whisper", voice, quiet, rng.uniform(-0.4, 0.4), rng.uniform(-18.0, -10.0))]


def _ends(
    take: Take, phrases: list[Phrase], manner: Manner, centre: float, rng: np.random.Generator
) -> list[Layer]:
    """A rapper's rhymes, said twice."""
    level_db = rng.uniform(-8.0, -2.0)
    ends = line_ends(phrases, int(rng.integers(2, 6)))
    louder = replace(manner, tilt_db=manner.tilt_db + 1.0)
    voice = doubled(ends, rng, 0.012)
    if rng.random() < 0.4:
        return [Layer("line ends", voice, louder, rng.uniform(-0.6, 0.6), level_db)]
    return [Layer("line ends", voice, louder, 0.0, level_db, 2, rng.uniform(0.2, 0.9))]


def _shouts(
    take: Take, phrases: list[Phrase], manner: Manner, centre: float, rng: np.random.Generator
) -> list[Layer]:
    """A crowd shouts in the choruses."""
    pitch = float(rng.integers(55, 64))
    loud = Manner(contour=SPOKEN, tilt_db=4.0, formants=rng.uniform(0.9, 1.1), roughness=0.2)
    level_db = rng.uniform(-7.0, 0.0)
    voice = shouts(take.plan, rng, pitch)
    return [Layer("shouts", voice, loud, 0.0, level_db, 2 * _N_CROWD, 1.0)]


_BUILDERS = {
    "double": _doubles,
    "harmony": _harmonies,
    "choir": _choir,
    "calls": _calls,
    "whisper": _whispers,
    "ends": _ends,
    "shouts": _shouts,
}


def tuned_chance(take: Take) -> float:
    """How often the lead is corrected by machine at full strength, by kind of music."""
    chances = {"hip-hop": 0.4, "latin": 0.2, "electronic": 0.2, "pop": 0.12}
    return chances.get(take.plan.genre.style, 0.02)


def corrected(manner: Manner) -> Manner:
    """The same singer through a pitch corrector."""
    return replace(manner, contour=TUNED, vibrato=0.0)
