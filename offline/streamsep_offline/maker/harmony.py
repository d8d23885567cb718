"""Scales, chord progressions and voicings."""

from __future__ import annotations

import numpy as np

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
DORIAN = (0, 2, 3, 5, 7, 9, 10)
MIXOLYDIAN = (0, 2, 4, 5, 7, 9, 10)
SCALES = {"major": MAJOR, "minor": MINOR, "dorian": DORIAN, "mixolydian": MIXOLYDIAN}

PROGRESSIONS = (
    (0, 5, 3, 4),
    (0, 4, 5, 3),
    (5, 3, 0, 4),
    (0, 3, 4, 3),
    (0, 3, 0, 4),
    (0, 0, 3, 4),
    (1, 4, 0, 0),
    (0, 6, 3, 0),
    (5, 4, 3, 4),
    (0, 2, 3, 4),
    (0, 5, 1, 4),
    (0, 6, 5, 4),
    (0, 0, 0, 0),
    (0, 6, 5, 6),
    (0, 3, 5, 4),
)
"""Degrees of the scale, 0 is the tonic, one chord per bar or per two bars."""


def triad(
    scale: tuple[int, ...], key: int, degree: int, is_seventh: bool = False
) -> tuple[int, ...]:
    """Chord on a degree: every other note of the scale, as MIDI pitches from `key` upwards."""
    steps = (0, 2, 4, 6) if is_seventh else (0, 2, 4)
    return tuple(key + scale[(degree + i) % 7] + 12 * ((degree + i) // 7) for i in steps)


def close_voicing(chord: tuple[int, ...], low: int = 54) -> list[int]:
    """The chord's notes moved into the octave above `low`: inversions without leaps."""
    return sorted(low + (pitch - low) % 12 for pitch in chord)


def power_voicing(chord: tuple[int, ...]) -> list[int]:
    """Root, fifth and octave on a guitar's low strings."""
    root = 40 + (chord[0] - 40) % 12
    return [root, root + 7, root + 12]


def guitar_voicing(chord: tuple[int, ...]) -> list[int]:
    """Five or six strings: root, fifth, octave, third, fifth above."""
    root = 40 + (chord[0] - 40) % 12
    third, fifth = ((pitch - chord[0]) % 12 for pitch in chord[1:3])
    strings = (0, fifth, 12, 12 + third, 12 + fifth, 24)
    return [root + i for i in strings if root + i < 76]


def next_in_scale(
    rng: np.random.Generator,
    pitch: int,
    key: int,
    scale: tuple[int, ...],
    low: int,
    high: int,
    leaps: tuple[int, ...] = (-5, -4, -3, -2, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3, 4, 5),
) -> int:
    """A note of the scale near `pitch`, mostly by step; within `low` to `high`."""
    near = [
        pitch + leap
        for leap in leaps
        if (pitch + leap - key) % 12 in scale and low <= pitch + leap <= high
    ]
    if near:
        return int(near[rng.integers(len(near))])
    middle = (low + high) // 2
    return min(range(low, high + 1), key=lambda p: ((p - key) % 12 not in scale, abs(p - middle)))
