"""What is written down before anything sounds: notes, hits, bars and the score that holds them.

Times are in seconds from the start of the song, pitches are MIDI numbers (69 is A4, 440 Hz;
fractions are allowed), velocities run from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
"""Semitones of the seven degrees above the tonic."""


@dataclass(frozen=True)
class Note:
    """One tone of an instrument."""

    start_s: float
    duration_s: float
    pitch: float
    velocity: float

    @property
    def end_s(self) -> float:
        """When the key is let go."""
        return self.start_s + self.duration_s


@dataclass(frozen=True)
class SungNote(Note):
    """One tone of the singer: the vowel begins at `start_s`, its consonant just before."""

    syllable: str


@dataclass(frozen=True)
class Hit:
    """One stroke on a drum."""

    start_s: float
    drum: str
    velocity: float


@dataclass(frozen=True)
class Section:
    """Bars that share chords and patterns: "intro", "verse", "chorus", "bridge" or "end"."""

    kind: str
    first_bar: int
    n_bars: int


@dataclass(frozen=True)
class Key:
    """A tonic (pitch class 0 to 11, 0 is C) and a mode, "major" or "minor"."""

    tonic: int
    mode: str

    @property
    def name(self) -> str:
        """As musicians write it, "G major"."""
        names = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
        return f"{names[self.tonic]} {self.mode}"

    def pitch(self, degree: int) -> int:
        """MIDI pitch of a degree, counted from the tonic between C4 and B4; 7 is an octave up."""
        return 60 + self.tonic + 12 * (degree // 7) + SCALES[self.mode][degree % 7]


@dataclass(frozen=True)
class Bar:
    """One bar of four beats: where it lies, its section, and the degree of its chord's root."""

    index: int
    start_s: float
    beat_s: float
    section: Section
    chord: int

    @property
    def place(self) -> int:
        """Bars since the section began."""
        return self.index - self.section.first_bar

    @property
    def is_fourth(self) -> bool:
        """Whether a fill belongs here: each fourth bar and the last one of a section."""
        return self.place % 4 == 3 or self.place == self.section.n_bars - 1

    def at(self, beat: float) -> float:
        """Seconds from the start of the song to a beat of this bar, 0 to 4."""
        return self.start_s + beat * self.beat_s


@dataclass(frozen=True)
class Score:
    """A whole song on paper.

    Attributes:
        bpm: Beats per minute, four to the bar.
        key: Tonic and mode.
        bars: All bars in order.
        hits: Strokes on the drums.
        bass: Notes of the bass.
        guitar: Plucked notes.
        piano: Notes of the electric piano.
        pad: Held notes.
        phrases: Notes of the singer, one tuple per breath.
    """

    bpm: float
    key: Key
    bars: tuple[Bar, ...]
    hits: tuple[Hit, ...]
    bass: tuple[Note, ...]
    guitar: tuple[Note, ...]
    piano: tuple[Note, ...]
    pad: tuple[Note, ...]
    phrases: tuple[tuple[SungNote, ...], ...]


@overload
def frequency_hz(pitch: float) -> float: ...
@overload
def frequency_hz(pitch: np.ndarray) -> np.ndarray: ...
def frequency_hz(pitch: float | np.ndarray) -> float | np.ndarray:
    """Frequency of a MIDI pitch: 440 * 2^((pitch - 69) / 12)."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
