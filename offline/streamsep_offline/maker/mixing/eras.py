"""How records of a time sound: loudness, glue, tape, effects, bandwidth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Era:
    """A time and its machines.

    Attributes:
        loudness_lufs: Quietest and loudest master.
        most_limiting_db: How far peaks are pushed into the limiter at most.
        glue: Highest ratio of the bus compressor.
        drive: Largest drive of the desk or tape into saturation.
        tape_chance: How often the reels wobble.
        rooms: Chances of the shared reverberation; "" is none.
        delay_chance: How often there is a shared delay.
        treble_hz: Lowest and highest corner of what is left of the treble; 0 leaves it alone.
        bass_hz: Lowest and highest corner of the high-pass over everything.
        fade_chance: How often the record fades out.
    """

    loudness_lufs: tuple[float, float]
    most_limiting_db: float
    glue: float
    drive: float
    tape_chance: float
    rooms: dict[str, float]
    delay_chance: float
    treble_hz: tuple[float, float]
    bass_hz: tuple[float, float]
    fade_chance: float


ERAS: dict[str, Era] = {
    "sixties": Era(
        (-21.0, -14.0), 3.0, 3.0, 0.9, 0.5, {"chamber": 4, "plate": 3, "spring": 3, "": 1},
        0.35, (8e3, 15e3), (40.0, 80.0), 0.4,
    ),
    "seventies": Era(
        (-20.0, -13.0), 3.0, 2.5, 0.7, 0.25, {"plate": 5, "chamber": 2, "room": 3, "": 2},
        0.35, (11e3, 18e3), (25.0, 50.0), 0.4,
    ),
    "eighties": Era(
        (-19.0, -12.0), 4.0, 3.0, 0.4, 0.06, {"plate": 4, "hall": 4, "gated": 2},
        0.6, (0.0, 0.0), (20.0, 40.0), 0.35,
    ),
    "nineties": Era(
        (-15.0, -9.0), 6.0, 3.0, 0.5, 0.05, {"plate": 3, "hall": 2, "room": 3, "": 2},
        0.4, (0.0, 0.0), (20.0, 35.0), 0.15,
    ),
    "modern": Era(
        (-11.5, -6.5), 9.0, 3.5, 0.7, 0.02, {"plate": 3, "hall": 2, "room": 3, "": 3},
        0.45, (0.0, 0.0), (18.0, 35.0), 0.06,
    ),
    "bedroom": Era(
        (-17.0, -10.0), 5.0, 4.0, 1.2, 0.3, {"room": 4, "plate": 2, "spring": 1, "": 3},
        0.35, (7e3, 18e3), (25.0, 80.0), 0.1,
    ),
}  # fmt: skip

_CHANCES: dict[str, dict[str, float]] = {
    "electronic": {"eighties": 0.12, "nineties": 0.25, "modern": 0.55, "bedroom": 0.08},
    "hip-hop": {"eighties": 0.05, "nineties": 0.3, "modern": 0.5, "bedroom": 0.15},
    "metal": {"eighties": 0.25, "nineties": 0.25, "modern": 0.45, "bedroom": 0.05},
    "jazz": {"sixties": 0.3, "seventies": 0.2, "nineties": 0.25, "modern": 0.2, "bedroom": 0.05},
}
_USUAL = {
    "sixties": 0.1,
    "seventies": 0.17,
    "eighties": 0.17,
    "nineties": 0.22,
    "modern": 0.25,
    "bedroom": 0.09,
}
"""Chances of each of `ERAS`, by style; others take the usual ones."""


def choose_era(rng: np.random.Generator, style: str) -> str:
    """A key of `ERAS` for a genre's style."""
    chances = _CHANCES.get(style, _USUAL)
    p = np.array(list(chances.values()))
    return list(chances)[int(rng.choice(len(p), p=p / p.sum()))]
