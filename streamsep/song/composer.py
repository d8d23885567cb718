"""From a duration and a seed to a score: tempo, key, form and chords; the players add the notes.

The form at 20 s: two bars of introduction without voice, a verse, a chorus with pad, and a last
chord on a downbeat that rings out. Longer songs go on with verse, chorus, bridge, chorus; below
some twelve seconds there is only a chorus, so that every stem sounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from streamsep.song.band import play_bass, play_drums, play_guitar, play_pad, play_piano
from streamsep.song.melody import sing
from streamsep.song.score import Bar, Key, Score, Section

PROGRESSIONS = {
    "major": {
        "verse": ((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 2, 3, 4)),
        "chorus": ((3, 4, 5, 0), (0, 4, 5, 3), (3, 0, 4, 5), (5, 3, 0, 4)),
        "bridge": ((3, 5, 1, 4), (1, 3, 5, 4)),
    },
    "minor": {
        "verse": ((0, 5, 2, 6), (0, 3, 5, 6), (0, 6, 5, 6)),
        "chorus": ((5, 6, 0, 2), (5, 2, 6, 0), (0, 2, 5, 6)),
        "bridge": ((3, 5, 2, 6), (5, 3, 0, 6)),
    },
}
"""Scale degrees of the chords' roots, one per bar."""

CADENCE = {"major": 4, "minor": 6}
"""The degree that leads home in the last bar before the end."""

ORDER = ("verse", "chorus", "verse", "chorus", "bridge", "chorus")

MIN_BARS_WITH_FORM = 6.5
"""Shorter songs have neither introduction nor ending."""

MIN_RING_BARS = 0.45
"""What the last chord needs at least to ring out."""


def write_score(duration_s: float, seed: int) -> Score:
    """The score of a song, the same for the same arguments.

    Args:
        duration_s: Length of the song in seconds, positive.
        seed: Chooses key, tempo, chords, melody and all human imperfection; >= 0.
    """
    # One stream of random numbers for each player: a change in one leaves the others as they were.
    rngs = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(7)]
    frame = rngs[0]
    bpm = float(frame.integers(114, 127))
    mode = "major" if frame.random() < 0.65 else "minor"
    key = Key(int(frame.integers(12)), mode)
    progressions = {
        kind: choices[frame.integers(len(choices))] for kind, choices in PROGRESSIONS[mode].items()
    }
    sections = plan_form(duration_s * bpm / 240.0)
    bars = _lay_bars(sections, progressions, bpm, mode)
    hits, kicks = play_drums(bars, rngs[1])
    return Score(
        bpm=bpm,
        key=key,
        bars=bars,
        hits=hits,
        bass=play_bass(bars, key, kicks, rngs[2]),
        guitar=play_guitar(bars, key, rngs[3]),
        piano=play_piano(bars, key, rngs[4]),
        pad=play_pad(bars, key, rngs[5]),
        phrases=sing(bars, key, duration_s, rngs[6]),
    )


def plan_form(duration_bars: float) -> tuple[Section, ...]:
    """Sections that fill a duration given in bars; the end of the song may cut the last one."""
    if duration_bars < MIN_BARS_WITH_FORM:
        return (Section("chorus", 0, math.ceil(duration_bars)),)
    last_bar = math.floor(duration_bars - MIN_RING_BARS)
    length = 4 if last_bar < 32 else 8
    sections = [Section("intro", 0, 2)]
    bar, turn = 2, 0
    while bar < last_bar:
        n_bars = min(length, last_bar - bar)
        sections.append(Section(ORDER[turn % len(ORDER)], bar, n_bars))
        bar, turn = bar + n_bars, turn + 1
    sections.append(Section("end", last_bar, 1))
    return tuple(sections)


def _lay_bars(
    sections: tuple[Section, ...],
    progressions: Mapping[str, tuple[int, ...]],
    bpm: float,
    mode: str,
) -> tuple[Bar, ...]:
    beat_s = 60.0 / bpm
    bars: list[Bar] = []
    for section in sections:
        chords = progressions.get(section.kind, progressions["verse"])
        for place in range(section.n_bars):
            index = section.first_bar + place
            chord = chords[place % len(chords)]
            if section.kind == "end":
                chord = 0
            elif section is not sections[-1] and index + 1 == sections[-1].first_bar:
                chord = CADENCE[mode]
            bars.append(Bar(index, 4.0 * index * beat_s, beat_s, section, chord))
    return tuple(bars)
