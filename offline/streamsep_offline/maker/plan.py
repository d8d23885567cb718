"""The plan of a song that all its parts share: time and form, key, chords, riffs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from streamsep_offline.maker.breaks import choose_breaks
from streamsep_offline.maker.form import Section, make_sections
from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.harmony import SCALES, Chord, fitted_scale, roman
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.progressions import Progression, choose_progression, choose_scale
from streamsep_offline.maker.riffs import Riff, choose_riffs
from streamsep_offline.maker.song_tempo import Feel, slowing_chance, song_tempo
from streamsep_offline.maker.tempo import METRES
from streamsep_offline.maker.timeline import Timeline


@dataclass(frozen=True)
class Plan(Timeline):
    """What all parts of a song agree on.

    Attributes:
        key: MIDI pitch of the tonic, 48 to 59, before any section moves it.
        scale_name: A key of `harmony.SCALES`.
        progressions: Chords of each kind of section.
        bars_per_chord: How long each bar of a progression lasts, 1 or 2 bars.
        riffs: What guitars and bass play in unison in each kind of section, or None.
    """

    key: int
    scale_name: str
    progressions: tuple[Progression, Progression, Progression]
    bars_per_chord: int
    riffs: tuple[Riff | None, Riff | None, Riff | None]

    def key_at(self, bar: int) -> int:
        """MIDI pitch of the tonic in a bar."""
        return self.key + self.section(bar).transpose

    @property
    def scale(self) -> tuple[int, ...]:
        """Semitones of the scale above the tonic."""
        return SCALES[self.scale_name]

    def scale_at(self, bar: int, step: float = 0.0) -> tuple[int, ...]:
        """Semitones above `key_at` of the scale as it is played over the chord."""
        return fitted_scale(self.scale, self.harmony_at(bar, step))

    @cached_property
    def _chord_bars(self) -> list[int]:
        """Which bar of its progression each bar has: long ones go on over sections of a kind."""
        counts = [0, 0, 0]
        numbers = []
        for bar in range(len(self._by_bar)):
            section, inside = self.section(bar), self.bar_in_section(bar)
            length = self.bars_per_chord * len(self.progressions[section.kind])
            numbers.append(counts[section.kind] if length > section.n_bars else inside)
            counts[section.kind] += 1
        return numbers

    def _chords_of_bar(self, bar: int) -> tuple[Chord, ...]:
        if self.is_ending(bar):
            return (roman("I" if 4 in self.scale else "i"),)
        progression = self.progressions[self.section(bar).kind]
        number = self._chord_bars[bar % len(self._chord_bars)] // self.bars_per_chord
        return progression[number % len(progression)]

    def harmony_at(self, bar: int, step: float = 0.0) -> Chord:
        """The chord at a step of a bar."""
        bar, step = bar + int(step // self.steps_per_bar), step % self.steps_per_bar
        chords = self._chords_of_bar(bar)
        return chords[int(step / self.steps_per_bar * len(chords))]

    def chord(self, bar: int, step: float = 0.0) -> tuple[int, ...]:
        """The chord at a step of a bar, MIDI pitches from the octave of the tonic upwards."""
        return self.harmony_at(bar, step).pitches(self.key_at(bar))

    def bass_pitch(self, bar: int, step: float = 0.0) -> int:
        """The note under the chord between E1 and D#2: mostly its root, the tonic under a pedal."""
        above = 0 if self.section(bar).is_pedal else self.harmony_at(bar, step).bass
        return 28 + (self.key_at(bar) + above - 28) % 12

    def riff(self, bar: int) -> Riff | None:
        """What guitars and bass play in unison in a bar, or None; in the scale, but for metal."""
        riff = None if self.is_ending(bar) else self.riffs[self.section(bar).kind]
        if riff is None or self.genre.style == "metal":
            return riff
        root, scale = self.harmony_at(bar).root, self.scale_at(bar)
        return tuple(
            note._replace(
                offset=min(
                    (note.offset + d for d in (0, -1, 1)),
                    key=lambda offset: (root + offset) % 12 not in scale,
                )
            )
            for note in riff
        )

    def chord_pieces(self, part: str) -> list[tuple[int, int, tuple[int, ...]]]:
        """(first place, end, chord) of every stretch in which a part sounds on one chord."""
        pieces: list[tuple[int, int, tuple[int, ...]]] = []
        for bar in range(self.n_bars):
            start = bar * self.steps_per_bar
            n_chords = len(self._chords_of_bar(bar))
            cuts = {round(k * self.steps_per_bar / n_chords) for k in range(n_chords + 1)}
            edges = [place - start for b in self.breaks for place in (b.start, b.end)]
            cuts |= {step for step in edges if 0 < step < self.steps_per_bar}
            is_new = self.bar_in_section(bar) % self.bars_per_chord == 0
            ordered = sorted(cuts)
            for step, end in itertools.pairwise(ordered):
                chord = self.chord(bar, step)
                if not self.sounds(part, bar, step):
                    continue
                if pieces and pieces[-1][1:] == (start + step, chord) and not (is_new and not step):
                    pieces[-1] = (pieces[-1][0], start + end, chord)
                else:
                    pieces.append((start + step, start + end, chord))
        return pieces


def make_plan(
    rng: np.random.Generator, genre: Genre, n_samples: int, feel: Feel | None = None
) -> Plan:
    """Draw a plan.

    Args:
        rng: Draws everything.
        genre: The kind of music.
        n_samples: Length of the song.
        feel: The time of a performance that must fit, else one of the genre's.
    """
    duration_s = n_samples / SAMPLE_RATE_HZ
    names, chances = zip(*genre.metres, strict=True)
    metre = METRES[feel.metre if feel else str(rng.choice(names, p=chances))]
    bpm = feel.bpm * rng.uniform(0.94, 1.06) if feel else rng.uniform(*genre.bpm)
    bar_s = metre.quarters * 60.0 / bpm
    slowest = rng.uniform(0.62, 0.88) if rng.random() < slowing_chance(genre, feel) else 1.0
    sections = _sections(rng, genre, duration_s, bar_s, slowest)
    tempo = song_tempo(rng, genre, feel, metre, bpm, sections, duration_s, slowest)
    n_whole = int(tempo.quarter_at(duration_s) / metre.quarters)
    scale_name = choose_scale(rng, genre)
    has_sevenths = genre.style == "jazz" or rng.random() < 0.12
    verse, chorus, bridge = (
        choose_progression(rng, genre, scale_name, has_sevenths) for _ in range(3)
    )
    chorus = verse if rng.random() < 0.3 else chorus
    bridge = verse if rng.random() < 0.25 else bridge
    swings = feel is None and genre.swing[1] > 0.0 and (genre.swing[0] > 0.0 or rng.random() < 0.6)
    swing = rng.uniform(*genre.swing) if swings else 0.0
    is_sixteenth = genre.is_electronic or genre.style in ("funk", "pop", "ballad")
    heard = feel or Feel(bpm, metre.name, swing, 1 if is_sixteenth else 2)
    is_even = metre.name.endswith("/8") and heard.swing_unit == 2  # threes of eighths do not swing
    return Plan(
        genre=genre,
        n_samples=n_samples,
        bpm=bpm,
        metre=metre,
        tempo=tempo,
        sections=sections,
        breaks=choose_breaks(rng, sections, metre.steps, bar_s, n_whole, duration_s),
        swing=0.0 if is_even else heard.swing,
        swing_unit=heard.swing_unit,
        key=int(rng.integers(48, 60)),
        scale_name=scale_name,
        progressions=(verse, chorus, bridge),
        bars_per_chord=2 if rng.random() < _slow_chords_chance(genre, bpm) else 1,
        riffs=choose_riffs(rng, genre, metre),
    )


def _slow_chords_chance(genre: Genre, bpm: float) -> float:
    chance = 0.4 if genre.is_electronic else 0.2
    return chance + 0.4 * (bpm > 150) if genre.style not in ("jazz", "ballad") else 0.05


def _sections(
    rng: np.random.Generator, genre: Genre, duration_s: float, bar_s: float, slowest: float
) -> tuple[Section, ...]:
    """Sections that fill the song; some songs, and all that slow down, end on a last chord."""
    n_bars = int(duration_s / bar_s) + 1
    has_ending = slowest < 1.0 or rng.random() < (0.12 if genre.is_electronic else 0.3)
    tail_s = max(1.5, 0.6 * bar_s) + (0.6 * bar_s if slowest < 1.0 else 0.0)
    n_played = int((duration_s - tail_s) / bar_s)
    if not has_ending or n_played < 4:
        *before, last = make_sections(rng, genre, n_bars)
        spare = 1 + n_bars // 4  # a band that gets faster comes further
        return (*before, replace(last, n_bars=last.n_bars + spare))
    sections = make_sections(rng, genre, n_played)
    last = sections[-1]
    everybody = last.playing - {"vocals"} | {"chords", "bass", "kick", "hats"}
    ending = Section(
        last.kind, everybody, "ending", n_bars - n_played + 2, last.energy, transpose=last.transpose
    )
    return (*sections, ending)
