"""Scales, chords by Roman numerals, and voicings."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
DORIAN = (0, 2, 3, 5, 7, 9, 10)
MIXOLYDIAN = (0, 2, 4, 5, 7, 9, 10)
PHRYGIAN = (0, 1, 3, 5, 7, 8, 10)
HARMONIC_MINOR = (0, 2, 3, 5, 7, 8, 11)
LYDIAN = (0, 2, 4, 6, 7, 9, 11)
SCALES = {
    "major": MAJOR, "minor": MINOR, "dorian": DORIAN, "mixolydian": MIXOLYDIAN,
    "phrygian": PHRYGIAN, "harmonic minor": HARMONIC_MINOR, "lydian": LYDIAN,
}  # fmt: skip

_QUALITIES = {
    "": (4, 7), "m": (3, 7), "o": (3, 6), "+": (4, 8), "sus4": (5, 7), "sus2": (2, 7), "5": (7, 7),
    "7": (4, 7, 10), "maj7": (4, 7, 11), "m7": (3, 7, 10), "mmaj7": (3, 7, 11), "o7": (3, 6, 9),
    "ø": (3, 6, 10), "6": (4, 7, 9), "m6": (3, 7, 9), "9": (4, 7, 10, 14), "maj9": (4, 7, 11, 14),
    "m9": (3, 7, 10, 14), "add9": (4, 7, 14), "7sus4": (5, 7, 10), "7#9": (4, 7, 10, 15),
    "7b9": (4, 7, 10, 13),
}  # fmt: skip
_NUMERAL = re.compile(r"^([b#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)([^/]*)(?:/(.+))?$")
_DEGREES = {"I": 0, "II": 1, "III": 2, "IV": 3, "V": 4, "VI": 5, "VII": 6}


@dataclass(frozen=True)
class Chord:
    """A chord in a key.

    Attributes:
        root: Semitones above the tonic, 0 to 11.
        intervals: Semitones of the other notes above the root.
        bass: Semitones of the lowest note above the tonic, 0 to 11.
    """

    root: int
    intervals: tuple[int, ...]
    bass: int

    @property
    def classes(self) -> frozenset[int]:
        """Its notes without their octaves, semitones above the tonic."""
        return frozenset({self.root, *((self.root + i) % 12 for i in self.intervals)})

    def pitches(self, key: int) -> tuple[int, ...]:
        """Its notes from the root upwards, the root in the octave above `key`."""
        return (key + self.root, *(key + self.root + i for i in self.intervals))


def _semitones(accidental: str, numeral: str) -> int:
    shift = {"": 0, "b": -1, "#": 1}[accidental]
    return (MAJOR[_DEGREES[numeral.upper()]] + shift) % 12


@functools.cache
def roman(symbol: str) -> Chord:
    """The chord of a Roman numeral.

    Numerals count the major scale of the tonic whatever the mode: a minor song goes "i bVI bVII".
    Small ones are minor; what follows is one of the usual endings ("7", "maj7", "sus4", "o",
    "ø"); "/V" puts the fifth degree into the bass.

    Raises:
        KeyError: the ending is unknown.
        ValueError: it is no Roman numeral.
    """
    found = _NUMERAL.match(symbol)
    if found is None:
        raise ValueError(f"'{symbol}' is no Roman numeral; write as in 'bVII7' or 'ii/V'")
    accidental, numeral, ending, below = found.groups()
    if numeral.islower() and ending in ("", "6", "7", "9", "maj7"):
        ending = "m" + ending
    root = _semitones(accidental, numeral)
    bass = root
    if below:
        bass = roman(below).root
    return Chord(root, _QUALITIES[ending], bass)


def with_seventh(chord: Chord, scale: tuple[int, ...]) -> Chord:
    """The chord with the seventh that the scale has, if it is a plain triad."""
    if chord.intervals not in ((4, 7), (3, 7)):
        return chord
    seventh = next((i for i in (10, 11) if (chord.root + i) % 12 in scale), 10)
    return Chord(chord.root, (*chord.intervals, seventh), chord.bass)


def fitted_scale(scale: tuple[int, ...], chord: Chord) -> tuple[int, ...]:
    """The scale as one plays it over a chord: neighbours give way to what the chord has."""
    classes = chord.classes
    foreign = classes - set(scale)
    kept = {s for s in scale if s in classes or not any((s - f) % 12 in (1, 11) for f in foreign)}
    return tuple(sorted(kept | classes))


def close_voicing(chord: tuple[int, ...], low: int = 54) -> list[int]:
    """The chord's notes moved into the octave above `low`: inversions without leaps."""
    return sorted({low + (pitch - low) % 12 for pitch in chord})


def power_voicing(chord: tuple[int, ...]) -> list[int]:
    """Root, fifth and octave on a guitar's low strings."""
    root = 40 + (chord[0] - 40) % 12
    return [root, root + 7, root + 12]


def guitar_voicing(chord: tuple[int, ...]) -> list[int]:
    """Five or six strings: root, fifth, octave, third, fifth above; a seventh for the octave."""
    root = 40 + (chord[0] - 40) % 12
    third, fifth, *rest = ((pitch - chord[0]) % 12 for pitch in chord[1:])
    octave = rest[0] if rest and rest[0] >= 9 else 12
    strings = sorted({0, fifth, octave, 12 + third, 12 + fifth, 24})
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


def nearest_of_chord(pitch: int, chord: tuple[int, ...], low: int, high: int) -> int:
    """The note of a chord, in any octave within `low` to `high`, that is nearest to `pitch`."""
    classes = {p % 12 for p in chord}
    choices = [p for p in range(low, high + 1) if p % 12 in classes]
    return min(choices, key=lambda p: abs(p - pitch)) if choices else pitch
