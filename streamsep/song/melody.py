"""The sung line: motifs of two bars that keep rhythm and contour while the chords change.

A motif keeps *wishes* (where the line wants to be, in scale degrees above its centre); at each use
the strong notes settle on the nearest chord tone and the weak ones pass between them. So a phrase
is recognised when it returns, and always fits the harmony.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streamsep.song.score import Bar, Key, SungNote

PHRASE_BARS = 2

RHYTHMS = {
    "verse": (
        ((0, 0.5, 1, 1.5, 2, 3, 3.5, 4, 4.5, 5, 6), 7.4),
        ((0, 1, 1.5, 2, 2.5, 3.5, 4, 5, 5.5, 6), 7.4),
        ((0, 0.5, 1.5, 2, 3, 3.5, 4, 4.5, 5.5, 6), 7.4),
    ),
    "chorus": (
        ((0, 1.5, 2, 3, 4, 5.5, 6), 7.5),
        ((0, 0.5, 1, 2, 3, 3.5, 4, 5, 6), 7.5),
        ((0, 1, 2, 2.5, 3, 4, 5, 5.5, 6), 7.5),
    ),
    "bridge": (((0, 2, 3, 4, 6), 7.5), ((0, 1.5, 4, 5.5), 7.5)),
}
"""Onsets of the notes in beats, and the beat where the last one ends."""

LINES = {
    "verse": (
        "so we go to the sea may be you know",
        "may be you see me may be to day so low",
        "the bay so high you say we go a way",
        "hey you know me so say no to day",
    ),
    "chorus": (
        "oh say you may be my day oh",
        "so high we go a way hey",
        "hey now you know me so now",
    ),
    "bridge": ("oo la la oo la",),
}
"""Words of open syllables only: the singer knows no consonants at the end of one."""

CENTRES = {"low": 55.0, "high": 65.0}
"""Middle of the two voices' verses, as MIDI pitches."""

LIFT = {"verse": 0.0, "chorus": 3.0, "bridge": 1.0}
"""How many semitones higher a section lies."""


@dataclass(frozen=True)
class _Motif:
    onsets: tuple[float, ...]
    end: float
    wishes: np.ndarray
    line: tuple[str, ...]


def sing(
    bars: Sequence[Bar], key: Key, duration_s: float, rng: np.random.Generator
) -> tuple[tuple[SungNote, ...], ...]:
    """The phrases of the song, one tuple of notes per breath; none in the introduction.

    Args:
        bars: The song's bars.
        key: Its key.
        duration_s: Where the song ends; notes that begin later than that are not sung.
        rng: Where wishes, lines and small differences come from.
    """
    centre = CENTRES["low" if rng.random() < 0.4 else "high"]
    motifs = {kind: _invent(kind, rng) for kind in RHYTHMS}
    answers = {kind: _invent(kind, rng) for kind in RHYTHMS}
    phrases: list[tuple[SungNote, ...]] = []
    for bar in bars:
        kind = bar.section.kind
        if kind == "end":
            phrases.append(_last_word(bar, key, centre))
        elif kind in motifs and bar.place % PHRASE_BARS == 0:
            # Four phrases go a a b a, as songs do; two go a a.
            motif = (answers if bar.place % 16 == 4 else motifs)[kind]
            is_answer = bar.place % (2 * PHRASE_BARS) == PHRASE_BARS
            chords = [b.chord for b in bars[bar.index : bar.index + PHRASE_BARS]]
            until = 4.0 * min(PHRASE_BARS, bar.section.n_bars - bar.place)
            phrases.append(_fit(motif, bar, chords, key, centre + LIFT[kind], is_answer, until))
    heard = (tuple(n for n in phrase if n.start_s < duration_s - 0.1) for phrase in phrases)
    return tuple(phrase for phrase in heard if phrase)


def _invent(kind: str, rng: np.random.Generator) -> _Motif:
    onsets, end = RHYTHMS[kind][rng.integers(len(RHYTHMS[kind]))]
    lines = LINES[kind]
    line = lines[rng.integers(len(lines))].split()
    # An arch, a hollow or a slope with small waves upon it, about a fifth up or down.
    place = np.asarray(onsets) / end
    rises = kind == "chorus" or rng.random() < 0.6
    shape = (1.0 if rises else -1.0) * np.sin(np.pi * (place + rng.uniform(-0.3, 0.3)))
    wishes = 3.0 * shape + rng.standard_normal(len(onsets))
    syllables = tuple(line[i % len(line)] for i in range(len(onsets)))
    return _Motif(tuple(map(float, onsets)), end, np.clip(wishes, -4.0, 4.0), syllables)


def _fit(
    motif: _Motif,
    bar: Bar,
    chords: Sequence[int],
    key: Key,
    centre: float,
    is_answer: bool,
    until: float,
) -> tuple[SungNote, ...]:
    """The motif over these chords; an answer ends low and at rest, a cut phrase ends at `until`."""
    home = min(range(-14, 15), key=lambda degree: abs(key.pitch(degree) - centre))
    kept = [i for i, onset in enumerate(motif.onsets) if onset < until - 0.5]
    end = min(motif.end, until - 0.4)
    wishes = home + motif.wishes[: len(kept)]
    if is_answer:
        wishes = np.append(wishes[:-1], home - 1.0)
    degrees: list[int] = []
    for i in kept:
        chord = chords[min(int(motif.onsets[i] // 4), len(chords) - 1)]
        is_strong = motif.onsets[i] % 2 == 0 or i == kept[-1]
        wish = float(wishes[i])
        if degrees:  # no leap beyond a fifth
            wish = min(max(wish, degrees[-1] - 3.0), degrees[-1] + 3.0)
        degrees.append(_settle(wish, chord) if is_strong else round(wish))
    for i in kept[1:-1]:
        if motif.onsets[i] % 2:  # a weak note goes by step, towards where the line is bound for
            bound = degrees[i + 1] - degrees[i - 1]
            if abs(degrees[i] - degrees[i - 1]) > 2:
                degrees[i] = degrees[i - 1] + int(np.sign(bound) or 1)
    notes = []
    for i in kept:
        onset = motif.onsets[i]
        following = motif.onsets[i + 1] if i + 1 < len(kept) else end
        accent = 0.9 if onset % 2 == 0 else 0.78
        notes.append(
            SungNote(
                start_s=bar.at(onset),
                duration_s=(following - onset) * bar.beat_s,
                pitch=key.pitch(degrees[i]),
                velocity=accent,
                syllable=motif.line[i],
            )
        )
    return tuple(notes)


def _last_word(bar: Bar, key: Key, centre: float) -> tuple[SungNote, ...]:
    """The tonic, held over the last chord."""
    degree = min((-14, -7, 0, 7), key=lambda d: abs(key.pitch(d) - centre - 2.0))
    return (SungNote(bar.at(0.0), 2.6 * bar.beat_s, key.pitch(degree), 0.85, "oh"),)


def _settle(wish: float, chord: int) -> int:
    """The chord tone (root, third, fifth in any octave) nearest to a wished degree."""
    tones = [chord + 2 * i + 7 * octave for i in range(3) for octave in range(-4, 5)]
    return min(tones, key=lambda degree: abs(degree - wish))
