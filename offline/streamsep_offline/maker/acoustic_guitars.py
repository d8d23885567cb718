"""Acoustic guitars: strummed by a moving hand or picked, with body and scratch; twelve strings."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.filters import band_pass
from streamsep_offline.maker.guitars import choose_guitar, humanised, play
from streamsep_offline.maker.harmony import guitar_voicing
from streamsep_offline.maker.lines import arpeggio, placed
from streamsep_offline.maker.notes import Note, to_samples
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.space import pan
from streamsep_offline.maker.studio import Take

ACOUSTIC = {"steel-guitar": 0.6, "shinyguitar-mic": 0.4, "emilyguitar": 0.15, "green": 0.15}
_GM_ACOUSTIC = {str(p): 1.0 for p in (24, 25, 26, 27)}

_LOWEST_UNISON = 55
"""Courses of a twelve-string below G3 have an octave string, those above a second one."""


def strummed(plan: Plan, rng: np.random.Generator) -> tuple[list[Note], list[float]]:
    """Chords by a hand that moves down on beats and up between, and when it strikes.

    On the way up only the high strings sound, softer; some strokes miss the strings.
    """
    unit = 1 if plan.bpm < 84 and rng.random() < 0.5 else 2
    n_steps = plan.steps_per_bar
    masks = [_mask(rng, n_steps // unit) for _ in range(3)]
    sweep_s = rng.uniform(0.012, 0.028)
    kinds: list[object] = []
    notes: list[Note] = []
    strokes: list[float] = []
    for bar in range(plan.n_bars):
        if not plan.plays("chords", bar):
            continue
        kind = plan.section(bar).kind
        if kind not in kinds:
            kinds.append(kind)
        mask = masks[kinds.index(kind) % 3]
        starts = [step for step in range(0, n_steps - unit + 1, unit) if mask[step // unit]]
        starts = [0] if plan.is_ending(bar) else starts
        for start, stop in zip(starts, [*starts[1:], n_steps], strict=True):
            pitches = guitar_voicing(plan.chord(bar, start))
            is_down = (start // unit) % 2 == 0
            strings = pitches if is_down else pitches[::-1][: int(rng.integers(3, 5))]
            velocity = (0.85 if is_down else 0.6) + 0.12 * (start % 8 == 4)
            velocity *= rng.uniform(0.85, 1.05)
            hand_s = rng.normal(0.0, 0.005)
            if plan.sounds("chords", bar, start):
                strokes.append(max(0.0, plan.time_s(bar, start) + hand_s))
            for k, pitch in enumerate(strings):
                late_s = hand_s + k * sweep_s / len(strings) * rng.uniform(0.8, 1.2)
                soft = velocity * (1.0 - 0.05 * k)
                notes += placed(plan, "chords", bar, start, stop - start, pitch, soft, 0.98, late_s)
    return notes, strokes


def _mask(rng: np.random.Generator, n_strokes: int) -> np.ndarray:
    """Which strokes of a bar hit the strings: the first one always, ups less often."""
    chance = np.where(np.arange(n_strokes) % 2 == 0, rng.uniform(0.6, 1.0), rng.uniform(0.3, 0.9))
    mask = rng.random(n_strokes) < chance
    mask[0] = True
    return mask


def with_second_strings(notes: list[Note], rng: np.random.Generator) -> list[Note]:
    """Each course of a twelve-string has two strings, hit one after the other, not quite in tune."""
    pairs = []
    for note in notes:
        octave = 12.0 if note.pitch < _LOWEST_UNISON else 0.0
        second = note._replace(
            start_s=note.start_s + rng.uniform(0.002, 0.009),
            pitch=note.pitch + octave + rng.normal(0.0, 0.05),
            velocity=0.75 * note.velocity,
        )
        pairs += [note, second]
    return pairs


def _hand_noise(n_samples: int, strokes: list[float], rng: np.random.Generator) -> np.ndarray:
    """The pick's scratch and the thump of the body at each stroke, mono, peak about 1."""
    noise = np.zeros(n_samples, np.float32)
    n_scratch, n_body = to_samples(0.03), to_samples(0.09)
    scratch = rng.standard_normal((8, n_scratch)).astype(np.float32) * np.hanning(n_scratch)
    scratch = band_pass(scratch.astype(np.float32), 2500.0, 9000.0, order=1)
    time = np.arange(n_body) / 44100
    air_hz, top_hz = rng.uniform(95.0, 120.0), rng.uniform(180.0, 230.0)
    body = np.exp(-time / 0.025) * (
        np.sin(2 * np.pi * air_hz * time) + 0.6 * np.sin(2 * np.pi * top_hz * time)
    )
    ratio = rng.uniform(0.2, 0.6)
    for k, seconds in enumerate(strokes):
        start = to_samples(seconds)
        for sound, gain in ((scratch[k % 8], 1.0), (body, ratio)):
            part = noise[start : start + len(sound)]
            part += (gain * rng.uniform(0.5, 1.0) * sound)[: len(part)].astype(np.float32)
    return noise


def acoustic(take: Take) -> np.ndarray | None:
    """Strummed or picked acoustic guitar, sometimes doubled, [2, samples] or None."""
    rng, plan = take.rng, take.plan
    source = choose_guitar(take, ACOUSTIC, _GM_ACOUSTIC)
    strokes: list[float] = []
    if rng.random() < 0.65:
        notes, strokes = strummed(plan, rng)
    else:
        notes = arpeggio(plan, rng, guitar_voicing, part="chords", gate=3.0)
    if source is None or not notes:
        return None
    if rng.random() < 0.15:
        notes = with_second_strings(notes, rng)
    noise_db = rng.uniform(-30.0, -16.0)

    def recorded(part: list[Note], detune: float) -> np.ndarray:
        sound = to_unit_active_rms(play(take, source, part, detune, 0.15))
        noise = _hand_noise(plan.n_samples, strokes, rng)
        return sound + np.float32(10.0 ** (noise_db / 20.0) * 6.0) * noise

    first = recorded(notes, 0.0)
    if rng.random() < 0.65:
        return pan(first, rng.uniform(-0.8, 0.8))
    return pan(first, -0.7) + pan(recorded(humanised(notes, rng, 0.009), 0.04), 0.7)
