"""When things come in a song and who plays: metre, tempo, swing, sections and breaks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from streamsep_offline.maker.breaks import Break
from streamsep_offline.maker.form import STEM_PARTS, Section
from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.tempo import Metre, TempoMap

_CHOKED_EARLY_S = 0.02
"""A break ends so much before its last step does: who comes back early is heard."""


@dataclass(frozen=True)
class Timeline:
    """The time of a song, shared by all its parts.

    Steps are sixteenths; a *place* is a number of steps from the start of the song.

    Attributes:
        genre: Its kind.
        n_samples: Its length.
        bpm: Quarter notes per minute, where the tempo is as written.
        metre: How its bars are counted.
        tempo: When every quarter note comes.
        sections: In order; repeated if the song is longer.
        breaks: Where one stem is alone, in order.
        swing: By how much of its length every second `swing_unit` is late.
        swing_unit: 1 (sixteenths swing) or 2 (eighths).
    """

    genre: Genre
    n_samples: int
    bpm: float
    metre: Metre
    tempo: TempoMap
    sections: tuple[Section, ...]
    breaks: tuple[Break, ...]
    swing: float
    swing_unit: int

    @property
    def duration_s(self) -> float:
        """Length of the song."""
        return self.n_samples / SAMPLE_RATE_HZ

    @property
    def steps_per_bar(self) -> int:
        """Sixteenths in a bar."""
        return self.metre.steps

    @property
    def beat_s(self) -> float:
        """Length of a quarter note at the written tempo, for echoes and the like."""
        return 60.0 / self.bpm

    @property
    def bar_s(self) -> float:
        """Length of a bar at the written tempo; where a bar lies says `time_s`."""
        return self.metre.quarters * self.beat_s

    @property
    def step_s(self) -> float:
        """Length of a sixteenth at the written tempo."""
        return self.beat_s / 4.0

    @cached_property
    def n_bars(self) -> int:
        """Bars that start within the song."""
        return int(4.0 * self.tempo.quarter_at(self.duration_s) / self.steps_per_bar) + 1

    @cached_property
    def is_steady(self) -> bool:
        """Whether the tempo never changes, so that loops fit."""
        times = self.tempo.quarters_s
        return all(abs(time - k * times[1]) < 1e-6 for k, time in enumerate(times))

    def time_s(self, bar: float, step: float = 0.0) -> float:
        """When a step of a bar comes, swing included; steps beyond the bar go on into the next."""
        place = bar * self.steps_per_bar + step
        pair = 2.0 * self.swing_unit
        whole, part = divmod(place, pair)
        late = 0.5 * (1.0 + self.swing)
        share = part / pair
        swung = 2.0 * late * share if share < 0.5 else late + (share - 0.5) * 2.0 * (1.0 - late)
        return self.tempo.time_s(0.25 * pair * (whole + swung))

    def place_at(self, time_s: float) -> float:
        """The place of a time, in steps from the start, swing left aside."""
        return 4.0 * self.tempo.quarter_at(time_s)

    def bar_at(self, time_s: float) -> int:
        """The bar in which a time lies; what is a little early belongs to the next."""
        return max(0, int((self.place_at(time_s) + 0.4) // self.steps_per_bar))

    @cached_property
    def _by_bar(self) -> list[tuple[int, int]]:
        """(section, bar within it) of each bar of one round of the sections."""
        return [(k, bar) for k, s in enumerate(self.sections) for bar in range(s.n_bars)]

    def section(self, bar: int) -> Section:
        """The section that a bar belongs to."""
        return self.sections[self._by_bar[bar % len(self._by_bar)][0]]

    def bar_in_section(self, bar: int) -> int:
        """How many bars of its section come before a bar."""
        return self._by_bar[bar % len(self._by_bar)][1]

    def is_first_of_section(self, bar: int) -> bool:
        """Whether a section begins with a bar."""
        return self.bar_in_section(bar) == 0

    def is_last_of_section(self, bar: int) -> bool:
        """Whether a bar is where a fill may come."""
        return self.bar_in_section(bar) == self.section(bar).n_bars - 1

    def is_ending(self, bar: int) -> bool:
        """Whether a bar belongs to the song's last chord, struck on its first beat."""
        return self.section(bar).name == "ending"

    def phrase_bars(self) -> list[int]:
        """Bars at which a phrase of two bars begins: every second one of each section.

        The last bar of a section with an odd number of them is for breathing.
        """
        return [
            bar
            for bar in range(self.n_bars)
            if self.bar_in_section(bar) % 2 == 0
            and not self.is_last_of_section(bar)
            and not self.is_ending(bar)
        ]

    def energy(self, bar: int) -> float:
        """How full and loud a bar is, 0 to 1; what leads to a chorus grows."""
        section = self.section(bar)
        if section.name not in ("pre-chorus", "break", "bridge"):
            return section.energy
        progress = (self.bar_in_section(bar) + 0.5) / section.n_bars
        return min(1.0, max(0.0, section.energy + 0.3 * (progress - 0.5)))

    def sounds(self, part: str, bar: int, step: float = 0.0) -> bool:
        """Whether one of `form.PARTS` may be heard at a step of a bar; a last chord rings alone."""
        place = bar * self.steps_per_bar + step
        for pause in self.breaks:
            if pause.start <= place < pause.end:
                return not pause.silences(part)
        bar = int(place // self.steps_per_bar)
        if self.is_ending(bar) and not self.is_first_of_section(bar):
            return False
        return part in self.section(bar).playing

    def plays(self, part: str, bar: int) -> bool:
        """Whether one of `form.PARTS` plays in a bar, or in some of it."""
        edges = {0, *(b.start - bar * self.steps_per_bar for b in self.breaks)}
        edges |= {b.end - bar * self.steps_per_bar for b in self.breaks}
        inside = (step for step in edges if 0 <= step < self.steps_per_bar)
        return any(self.sounds(part, bar, step) for step in inside)

    def alone_in(self, bar: int) -> str | None:
        """Which stem has a break to itself in a bar or in some of it, or None."""
        start, end = bar * self.steps_per_bar, (bar + 1) * self.steps_per_bar
        return next((b.stem for b in self.breaks if b.start < end and b.end > start), None)

    def rest_from(self, part: str, place: float, end: float) -> float:
        """Where a note from `place` to `end` has to stop: at the first break that silences it."""
        starts = [b.start for b in self.breaks if b.silences(part) and place < b.start < end]
        return min(starts, default=end)

    def silences_s(self, stem: str) -> list[tuple[float, float, float]]:
        """(start, end, time constant of the decay), seconds, of breaks in which a stem is silent.

        Args:
            stem: "vocals", "drums", "bass" or "other".
        """
        part = next(iter(STEM_PARTS[stem]))
        return [
            (self.time_s(0, b.start), self.time_s(0, b.end) - _CHOKED_EARLY_S, b.release_s)
            for b in self.breaks
            if b.silences(part)
        ]
