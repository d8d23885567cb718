"""The two things a part is made of: notes of pitched instruments and hits of drums.

Times are seconds from the start of the song; pitches are MIDI numbers (60 = C4, 69 = A4 = 440 Hz)
and may be fractional; velocities are 0 to 1.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SAMPLE_RATE_HZ = 44100
"""The rate at which everything in the maker is rendered."""

_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "b": -1, "#": 1, "s": 1}
_NOTE_NAME = re.compile(r"(?:^|[_-])([A-Ga-g])([b#s]?)(-?\d)(?=[_.-]|$)")


class Note(NamedTuple):
    """One note of a pitched part; a slurred one goes on with the syllable of the note before."""

    start_s: float
    duration_s: float
    pitch: float
    velocity: float
    is_slurred: bool = False


class Hit(NamedTuple):
    """One stroke on a piece of a drum kit; `which` chooses between toms (0 is the highest)."""

    start_s: float
    piece: str
    velocity: float
    which: int = 0


def pitch_to_hz(pitch: float) -> float:
    """Frequency of a MIDI pitch: 440 Hz * 2^((pitch - 69) / 12)."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


def pitch_in_name(name: str) -> int | None:
    """MIDI pitch of the last note name in a file name ("pizz_eb2_vl3" -> 39), or None."""
    found = _NOTE_NAME.findall(name)
    if not found:
        return None
    letter, accidental, octave = found[-1]
    return _SEMITONES[letter.lower()] + _ACCIDENTALS[accidental] + 12 * (int(octave) + 1)


def to_samples(seconds: float) -> int:
    """A time in samples."""
    return round(seconds * SAMPLE_RATE_HZ)
