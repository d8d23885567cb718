"""What drums, bass, guitar, electric piano and pad play over a row of bars.

Patterns are lists of beats (0 to 4) for each kind of section; people play them, so every stroke
comes a few milliseconds early or late and no two are equally loud.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from streamsep.song.score import Bar, Hit, Key, Note

TIMING_S = 0.004
"""Standard deviation of human timing."""

KICKS = {
    "intro": ((0.0,),),
    "verse": ((0.0, 2.0, 2.5), (0.0, 1.5, 2.0), (0.0, 2.0, 3.5), (0.0, 0.5, 2.5)),
    "chorus": ((0.0, 1.5, 2.0, 3.5), (0.0, 1.0, 2.0, 2.5, 3.0), (0.0, 1.5, 2.5)),
    "bridge": ((0.0, 2.5), (0.0, 2.0)),
    "end": ((0.0,),),
}
FILLS = (
    ((2.5, "snare"), (3.0, "tom_high"), (3.25, "tom_high"), (3.5, "tom_low"), (3.75, "tom_low")),
    ((2.75, "snare"), (3.0, "snare"), (3.25, "tom_high"), (3.5, "tom_high"), (3.75, "tom_low")),
    ((2.0, "tom_high"), (2.75, "snare"), (3.0, "tom_low"), (3.5, "snare"), (3.75, "snare")),
)
STRUMS = ((0.0, 1.0, 1.5, 2.5, 3.0, 3.5), (0.0, 0.75, 1.5, 2.0, 2.75, 3.5))
ARPEGGIOS = ((0, 1, 2, 3, 2, 1, 3, 2), (0, 2, 1, 3, 1, 2, 0, 2), (0, 2, 3, 2, 1, 2, 3, 1))


def play_drums(
    bars: Sequence[Bar], rng: np.random.Generator
) -> tuple[tuple[Hit, ...], tuple[tuple[float, ...], ...]]:
    """Strokes on the kit, and the beats of the bass drum in each bar, which the bass follows."""
    hits: list[Hit] = []
    kicks: list[tuple[float, ...]] = []

    def strike(bar: Bar, beat: float, drum: str, velocity: float) -> None:
        loudness = min(1.0, velocity * float(np.exp(0.1 * rng.standard_normal())))
        hits.append(Hit(max(0.0, bar.at(beat) + _late(rng)), drum, loudness))

    groove = {kind: int(rng.integers(len(choices))) for kind, choices in KICKS.items()}
    for bar in bars:
        kind = bar.section.kind
        fill = FILLS[rng.integers(len(FILLS))] if bar.is_fourth and kind != "end" else ()
        fill_from = fill[0][0] if fill else 4.0
        choices = KICKS[kind]
        beats = choices[(groove[kind] + (bar.place % 2)) % len(choices)]
        kicks.append(beats)
        for beat in beats:
            if beat < fill_from or beat == 0.0:
                strike(bar, beat, "kick", 0.95)
        for beat, drum in fill:
            strike(bar, beat, drum, 0.55 + 0.1 * (beat - fill_from))
        if kind == "end" or (bar.place == 0 and kind != "intro"):
            strike(bar, 0.0, "crash", 0.9)
        if kind not in ("intro", "end"):
            for beat in (1.0, 3.0):
                if beat < fill_from:
                    strike(bar, beat, "snare", 0.9 if kind == "chorus" else 0.8)
            if rng.random() < 0.4 and fill_from > 2.25:
                strike(bar, 2.25, "snare", 0.18)
        if kind != "end":
            _play_hats(bar, fill_from, strike, rng)
    return tuple(hits), tuple(kicks)


def _play_hats(
    bar: Bar,
    fill_from: float,
    strike: Callable[[Bar, float, str, float], None],
    rng: np.random.Generator,
) -> None:
    for eighth in range(8):
        beat = eighth / 2
        if beat >= fill_from:
            break
        if bar.section.kind == "chorus" and eighth % 2:
            strike(bar, beat, "hat_open", 0.7)
        else:
            strike(bar, beat, "hat", 0.45 if eighth % 2 else 0.75)
        if bar.section.kind == "verse" and rng.random() < 0.15:
            strike(bar, beat + 0.25, "hat", 0.3)


def play_bass(
    bars: Sequence[Bar],
    key: Key,
    kicks: Sequence[Sequence[float]],
    rng: np.random.Generator,
) -> tuple[Note, ...]:
    """Roots on the bass drum's beats, eighths in the chorus, and a step towards the next root."""
    notes: list[Note] = []
    for bar, kick_beats in zip(bars, kicks, strict=True):
        root = _bass_pitch(key, bar.chord)
        if bar.section.kind == "end":
            notes.append(Note(bar.at(0.0), 3.5 * bar.beat_s, root, 0.9))
            continue
        eighths = bar.section.kind == "chorus"
        beats = sorted({e / 2 for e in range(8)} if eighths else {*kick_beats, 3.0})
        for beat, following in zip(beats, [*beats[1:], 4.0], strict=True):
            pitch = root
            if beat == beats[-1] and bar.index + 1 < len(bars):
                pitch = _approach(root, _bass_pitch(key, bars[bar.index + 1].chord))
            elif beat not in kick_beats and rng.random() < 0.25:
                pitch = root + 12 if root < 36 else _bass_pitch(key, bar.chord + 4)
            length = (following - beat) * bar.beat_s * (0.8 if eighths else 0.9)
            accent = 0.9 if beat in kick_beats else 0.72
            velocity = accent * float(np.exp(0.06 * rng.standard_normal()))
            notes.append(Note(max(0.0, bar.at(beat) + _late(rng)), length, pitch, velocity))
    return tuple(notes)


def play_guitar(bars: Sequence[Bar], key: Key, rng: np.random.Generator) -> tuple[Note, ...]:
    """Broken chords in introduction and verse, strummed ones in the chorus."""
    notes: list[Note] = []
    arpeggio = ARPEGGIOS[rng.integers(len(ARPEGGIOS))]
    strum = STRUMS[rng.integers(len(STRUMS))]
    for bar in bars:
        tones = chord_pitches(key, bar.chord, centre=62.0, n_tones=4)
        if bar.section.kind in ("chorus", "end"):
            beats = strum if bar.section.kind == "chorus" else (0.0,)
            for number, beat in enumerate(beats):
                down = number % 2 == 0
                for order, pitch in enumerate(tones if down else tones[::-1]):
                    start = bar.at(beat) + 0.011 * order + _late(rng)
                    velocity = (0.8 if down else 0.6) * float(np.exp(0.1 * rng.standard_normal()))
                    length = (0.45 if len(beats) > 1 else 3.5) * bar.beat_s
                    notes.append(Note(max(0.0, start), length, pitch, velocity))
            continue
        for eighth, tone in enumerate(arpeggio):
            velocity = (0.8 if eighth % 4 == 0 else 0.62) * float(
                np.exp(0.1 * rng.standard_normal())
            )
            start = max(0.0, bar.at(eighth / 2) + _late(rng))
            notes.append(Note(start, 1.6 * bar.beat_s, tones[tone], velocity))
    return tuple(notes)


def play_piano(bars: Sequence[Bar], key: Key, rng: np.random.Generator) -> tuple[Note, ...]:
    """A chord on the first beat and one off the beat, as electric pianos comp."""
    notes: list[Note] = []
    for bar in bars:
        held = bar.section.kind in ("intro", "bridge", "end")
        strokes = ((0.0, 3.8),) if held else ((0.0, 1.4), (1.5, 1.9), (3.5, 0.45))
        for beat, length in strokes:
            for pitch in chord_pitches(key, bar.chord, centre=64.0, n_tones=3):
                velocity = 0.7 * float(np.exp(0.1 * rng.standard_normal()))
                start = max(0.0, bar.at(beat) + _late(rng))
                notes.append(Note(start, length * bar.beat_s, pitch, velocity))
    return tuple(notes)


def play_pad(bars: Sequence[Bar], key: Key, rng: np.random.Generator) -> tuple[Note, ...]:
    """Held chords in chorus, bridge and at the end."""
    return tuple(
        Note(bar.start_s, 4.0 * bar.beat_s, pitch, 0.7 + 0.1 * float(rng.random()))
        for bar in bars
        if bar.section.kind in ("chorus", "bridge", "end")
        for pitch in chord_pitches(key, bar.chord, centre=67.0, n_tones=3)
    )


def chord_pitches(key: Key, chord: int, centre: float, n_tones: int) -> tuple[int, ...]:
    """The triad on a degree in the inversion whose mean lies nearest to a pitch, going upwards."""
    stack = [key.pitch(chord + 2 * (i % 3) + 7 * (i // 3)) for i in range(-6, n_tones + 6)]
    rows = [stack[i : i + n_tones] for i in range(len(stack) - n_tones + 1)]
    return tuple(min(rows, key=lambda row: abs(sum(row) / n_tones - centre)))


def _bass_pitch(key: Key, degree: int) -> int:
    """Pitch of a degree within the bass's lower octave, E1 (28) to D#2 (39)."""
    return 28 + (key.pitch(degree) - 28) % 12


def _approach(root: int, following: int) -> int:
    """A tone two semitones away from the next root, on the side of this one."""
    if root == following:
        return root
    return following + 2 if root > following else following - 2


def _late(rng: np.random.Generator) -> float:
    return float(np.clip(TIMING_S * rng.standard_normal(), -0.01, 0.01))
