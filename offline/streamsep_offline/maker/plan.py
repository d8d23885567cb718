"""The plan of a song that all its parts share: genre, tempo, chords and form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker import harmony
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ

STYLES = ("rock", "pop", "electronic")
"""Families of genres, as on the command line."""


@dataclass(frozen=True)
class Genre:
    """A kind of music.

    Attributes:
        name: "house".
        style: Its family, one of `STYLES`.
        weight: Its share within the family.
        bpm: Lowest and highest tempo.
        performances: Words in the names of fitting human drum performances.
        performance_chance: How often such a performance replaces patterns.
        minor_chance: How often the scale is a minor one.
        max_swing: Latest second sixteenth, in sixteenths.
    """

    name: str
    style: str
    weight: float
    bpm: tuple[float, float]
    performances: tuple[str, ...] = ()
    performance_chance: float = 0.0
    minor_chance: float = 0.5
    max_swing: float = 0.0


_ROCK = ("rock", "country", "punk", "blues", "pop")
_SOUL = ("pop", "soul", "funk", "dance", "rock", "hiphop", "gospel", "neworleans")
GENRES: tuple[Genre, ...] = (
    Genre("rock", "rock", 4, (92, 165), _ROCK, 0.5, 0.45),
    Genre("hard-rock", "rock", 2, (86, 172), _ROCK, 0.4, 0.8),
    Genre("punk", "rock", 1, (150, 190), ("punk", "rock"), 0.5, 0.4),
    Genre("folk-rock", "rock", 1.5, (80, 140), ("rock", "country", "blues"), 0.5, 0.3, 0.3),
    Genre("pop", "pop", 3, (88, 132), _SOUL, 0.45, 0.4, 0.15),
    Genre("ballad", "pop", 1.5, (62, 92), ("rock", "pop", "soul"), 0.45, 0.35, 0.2),
    Genre("funk", "pop", 1.5, (88, 122), ("funk", "soul", "hiphop", "afrobeat"), 0.65, 0.6, 0.2),
    Genre("soul-jazz", "pop", 1, (80, 150), ("jazz", "latin", "soul", "blues"), 0.8, 0.5, 0.33),
    Genre("house", "electronic", 4, (116, 128), minor_chance=0.7, max_swing=0.25),
    Genre("techno", "electronic", 2, (122, 138), minor_chance=0.9),
    Genre("trance", "electronic", 1.5, (128, 142), minor_chance=0.8),
    Genre("drum-and-bass", "electronic", 1.5, (164, 178), minor_chance=0.8),
    Genre("breaks", "electronic", 2, (104, 140), ("breakbeat", "funk", "hiphop"), 0.3, 0.7),
    Genre("trap", "electronic", 2.5, (130, 160), minor_chance=0.85),
    Genre("hip-hop", "electronic", 2, (80, 104), ("hiphop", "soul", "funk"), 0.4, 0.7, 0.3),
    Genre("synth-pop", "electronic", 2.5, (92, 132), minor_chance=0.5),
    Genre("dubstep", "electronic", 1, (136, 144), minor_chance=0.9),
    Genre("downtempo", "electronic", 1, (76, 110), ("hiphop", "soul"), 0.3, 0.7, 0.25),
    Genre("garage", "electronic", 1, (126, 136), minor_chance=0.7, max_swing=0.3),
)

PARTS = ("kick", "snare", "hats", "bass", "chords", "lead", "vocals")
"""What a section may leave out."""

_PRESENCE = {
    "rock": (0.97, 0.97, 0.96, 0.95, 0.95, 0.75, 0.88),
    "pop": (0.95, 0.95, 0.95, 0.93, 0.93, 0.75, 0.88),
    "electronic": (0.82, 0.78, 0.88, 0.85, 0.85, 0.7, 0.75),
}
"""How often each of `PARTS` plays in a section."""


_KICKLESS = 0.12
"""Share of electronic songs without kick: their low bursts belong to the bass alone."""


@dataclass(frozen=True)
class Section:
    """Some bars with the same parts playing.

    Attributes:
        kind: 0, 1 or 2: verse, chorus, bridge; sections of one kind are alike.
        playing: Which of `PARTS` play.
    """

    kind: int
    playing: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """What all parts of a song agree on.

    Attributes:
        genre: Its kind.
        n_samples: Its length.
        bpm: Quarter notes per minute; all bars have four.
        key: MIDI pitch of the tonic, 48 to 59.
        scale_name: A key of `harmony.SCALES`.
        degrees: The chord progression.
        bars_per_chord: 1 or 2.
        is_seventh: Chords have four notes.
        section_bars: Bars per section.
        sections: In order; repeated if the song is longer.
        swing: By how much of a sixteenth every second sixteenth is late.
    """

    genre: Genre
    n_samples: int
    bpm: float
    key: int
    scale_name: str
    degrees: tuple[int, ...]
    bars_per_chord: int
    is_seventh: bool
    section_bars: int
    sections: tuple[Section, ...]
    swing: float

    @property
    def duration_s(self) -> float:
        """Length of the song."""
        return self.n_samples / SAMPLE_RATE_HZ

    @property
    def beat_s(self) -> float:
        """Length of a quarter note."""
        return 60.0 / self.bpm

    @property
    def bar_s(self) -> float:
        """Length of a bar of four quarters."""
        return 4.0 * self.beat_s

    @property
    def step_s(self) -> float:
        """Length of a sixteenth."""
        return self.beat_s / 4.0

    @property
    def n_bars(self) -> int:
        """Bars that start within the song."""
        return int(self.duration_s / self.bar_s) + 1

    @property
    def scale(self) -> tuple[int, ...]:
        """Semitones of the scale above the tonic."""
        return harmony.SCALES[self.scale_name]

    def section(self, bar: int) -> Section:
        """The section that a bar belongs to."""
        return self.sections[(bar // self.section_bars) % len(self.sections)]

    def plays(self, part: str, bar: int) -> bool:
        """Whether one of `PARTS` plays in a bar."""
        return part in self.section(bar).playing

    def chord(self, bar: int) -> tuple[int, ...]:
        """The chord of a bar, MIDI pitches from the octave of `key` upwards."""
        degree = self.degrees[(bar // self.bars_per_chord) % len(self.degrees)]
        return harmony.triad(self.scale, self.key, degree, self.is_seventh)

    def is_last_of_section(self, bar: int) -> bool:
        """Whether a bar is where a fill may come."""
        return bar % self.section_bars == self.section_bars - 1


def choose_genre(rng: np.random.Generator, style: str | None = None) -> Genre:
    """A genre of a style; without one, 35 % rock, 30 % pop, 35 % electronic."""
    style = style or str(rng.choice(STYLES, p=[0.35, 0.3, 0.35]))
    choices = [genre for genre in GENRES if genre.style == style]
    weights = np.array([genre.weight for genre in choices])
    return choices[int(rng.choice(len(choices), p=weights / weights.sum()))]


def make_plan(
    rng: np.random.Generator, genre: Genre, n_samples: int, bpm: float | None = None
) -> Plan:
    """Draw a plan.

    Args:
        rng: Draws everything.
        genre: The kind of music.
        n_samples: Length of the song.
        bpm: Tempo of a performance that must fit, else one of the genre's.
    """
    is_minor = rng.random() < genre.minor_chance
    scale = rng.choice(["minor", "dorian"] if is_minor else ["major", "mixolydian"], p=[0.8, 0.2])
    section_bars = int(rng.choice([2, 4, 4, 8])) if genre.style == "electronic" else 4
    presence = _PRESENCE[genre.style]
    by_kind = [
        frozenset(part for part, p in zip(PARTS, presence, strict=True) if rng.random() < p)
        for _ in range(3)
    ]
    if genre.style == "electronic" and rng.random() < _KICKLESS:
        by_kind = [playing - {"kick"} for playing in by_kind]
    kinds = rng.integers(0, 3, 24)
    tempo = rng.uniform(*genre.bpm) if bpm is None else bpm * rng.uniform(0.94, 1.06)
    section_s = section_bars * 240.0 / tempo
    heard = kinds[: min(2, 1 + int(n_samples / SAMPLE_RATE_HZ / section_s))]
    for part in ("vocals", "chords"):  # a song without them teaches nothing about them
        if not any(part in by_kind[kind] for kind in heard):
            by_kind[kinds[0]] |= {part}
    return Plan(
        genre=genre,
        n_samples=n_samples,
        bpm=tempo,
        key=int(rng.integers(48, 60)),
        scale_name=str(scale),
        degrees=harmony.PROGRESSIONS[rng.integers(len(harmony.PROGRESSIONS))],
        bars_per_chord=2 if rng.random() < (0.4 if genre.style == "electronic" else 0.25) else 1,
        is_seventh=genre.name == "soul-jazz" or rng.random() < 0.12,
        section_bars=section_bars,
        sections=tuple(Section(int(kind), by_kind[kind]) for kind in kinds),
        swing=rng.uniform(0.0, genre.max_swing) if rng.random() < 0.6 else 0.0,
    )
