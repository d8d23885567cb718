"""How loud each stem stands on a record, by the kind of music."""

from __future__ import annotations

import numpy as np

TARGETS = ("vocals", "drums", "bass", "other")
"""Order of the stems axis of a song of four stems; the four strips of the desk."""

_LOWEST_DB, _HIGHEST_DB = -12.0, 6.0

_LEVELS_DB: dict[str, tuple[tuple[float, float], ...]] = {
    "rock": ((0.5, 2.6), (0.5, 2.2), (-2.0, 2.4), (0.5, 2.5)),
    "metal": ((-2.5, 2.8), (1.0, 2.0), (-2.5, 2.5), (2.0, 2.2)),
    "pop": ((1.5, 2.4), (-0.5, 2.2), (-1.5, 2.4), (-0.5, 2.5)),
    "funk": ((0.0, 2.6), (0.5, 2.0), (0.5, 2.3), (-0.5, 2.4)),
    "folk": ((2.0, 2.4), (-4.5, 3.0), (-2.5, 2.6), (0.5, 2.4)),
    "ballad": ((2.0, 2.4), (-3.5, 2.6), (-2.5, 2.4), (0.0, 2.5)),
    "jazz": ((0.5, 2.8), (-3.0, 2.5), (-1.0, 2.5), (0.5, 2.5)),
    "latin": ((0.5, 2.6), (-0.5, 2.4), (-0.5, 2.4), (0.0, 2.5)),
    "electronic": ((-0.5, 3.0), (1.0, 2.2), (0.0, 2.8), (0.0, 2.7)),
    "hip-hop": ((1.5, 2.5), (1.0, 2.2), (1.0, 2.8), (-2.0, 2.7)),
}
"""Mean and deviation of the level of each of `TARGETS` while it sounds, dB, by style."""

_FAR_BACK = 0.08
"""Share of mixes whose voice lies far back."""

_LOUD_DRUMS = 0.07
"""Share of mixes in which the drums are on top."""


def random_levels_db(rng: np.random.Generator, style: str) -> np.ndarray:
    """Levels of `TARGETS` of unit power while they sound, dB, [targets].

    The voice stands -12 to +6 dB against the rest; in one mix of twelve it is far back, in one of
    fourteen the drums are on top.

    Args:
        rng: Draws them.
        style: Of the genre; one that is not known is mixed as rock.
    """
    table = np.array(_LEVELS_DB.get(style, _LEVELS_DB["rock"]))
    levels = table[:, 0] + table[:, 1] * rng.standard_normal(len(table))
    kind = rng.random()
    if kind < _FAR_BACK:
        levels[0] = rng.uniform(_LOWEST_DB, -5.0)
    elif kind < _FAR_BACK + _LOUD_DRUMS:
        levels[1] += rng.uniform(2.0, 5.0)
    return np.clip(levels, _LOWEST_DB, _HIGHEST_DB)
