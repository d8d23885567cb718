"""Where the stems of a record stand: as produced, narrow, in mono, or hard left and right."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.space import pan, set_width

WIDTHS = ("stereo", "mono", "narrow", "hard")
"""As produced; both sides alike; nearly so; each stem in one loudspeaker, as in the early sixties."""

_PLACES = (  # vocals, drums, bass, other
    (1.0, -1.0, -1.0, -1.0),
    (0.0, -1.0, 0.0, 1.0),
    (0.0, 1.0, 0.0, -1.0),
    (1.0, -1.0, -1.0, 1.0),
    (1.0, -1.0, 0.0, -1.0),
)
"""How engineers with three-way switches instead of pan pots set them; mirrored as often."""


def choose_width(rng: np.random.Generator, is_electronic: bool) -> str:
    """One of `WIDTHS`: 8 % mono, 7 % narrow, 4 % of what bands play hard, else stereo."""
    share = rng.random()
    if share < 0.08:
        return "mono"
    if share < 0.15:
        return "narrow"
    return "hard" if share < 0.19 and not is_electronic else "stereo"


def placed(
    rows: list[np.ndarray], strips: tuple[int, ...], width: str, rng: np.random.Generator
) -> list[np.ndarray]:
    """Rows [2, samples] each, as the record places them.

    Args:
        rows: The stems.
        strips: For each row, which of the four places it takes.
        width: One of `WIDTHS`.
        rng: Draws how narrow, and which places.
    """
    if width == "stereo":
        return rows
    if width == "hard":
        places = _PLACES[rng.integers(len(_PLACES))]
        side = rng.choice([-1.0, 1.0]) * (1.0 if rng.random() < 0.6 else rng.uniform(0.8, 1.0))
        return [
            pan(row.mean(axis=0), side * places[strip])
            for row, strip in zip(rows, strips, strict=True)
        ]
    share = 0.0 if width == "mono" else rng.uniform(0.05, 0.35)
    return [set_width(row, share) for row in rows]
