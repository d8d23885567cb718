"""Singing through WORLD: syllables on a new melody, or phrases as sung, in the song's key."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.notes import to_samples
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.voices.singing import FRAME_S, Phrase, pitch_contour
from streamsep_offline.maker.voices.world import (
    N_BINS,
    Colour,
    Syllable,
    find_syllables,
    loudness_db,
    resynthesise,
)

_LONGEST_STRETCH = 6.0


def _add_voice(output: np.ndarray, start_s: float, voice: np.ndarray) -> None:
    """Add a sung phrase at unit RMS, its end faded over 20 ms; `output` belongs to the caller."""
    n_fade = min(len(voice), 900)
    shaped = voice / (np.sqrt(np.mean(np.square(voice, dtype=np.float64))) + 1e-6)
    shaped[len(voice) - n_fade :] *= np.linspace(1.0, 0.0, n_fade, dtype=np.float32)
    start = to_samples(start_s)
    part = output[start : start + len(shaped)]
    part += shaped[: len(part)].astype(np.float32)


def _spread_frames(syllable: Syllable, n_frames: int, rng: np.random.Generator) -> np.ndarray:
    """Frame numbers that play a syllable in `n_frames`: consonant as it is, vowel stretched."""
    n_consonant = min(syllable.vowel - syllable.start, n_frames // 2, 14)
    begin = syllable.vowel - n_consonant
    n_vowel = n_frames - n_consonant
    last = syllable.end - 1
    n_sung = min(last - syllable.vowel, max(1, int(n_vowel * rng.uniform(0.8, 1.2))))
    vowel = np.linspace(syllable.vowel, syllable.vowel + n_sung, n_vowel)
    return np.concatenate([np.arange(begin, syllable.vowel), vowel]).round().astype(int)


def sing_syllables(
    frames: np.ndarray,
    phrases: list[Phrase],
    n_samples: int,
    colour: Colour,
    rng: np.random.Generator,
) -> np.ndarray:
    """One syllable per note, in the order in which they were spoken or sung, [samples].

    Args:
        frames: Analysis of a voice, see `world`.
        phrases: What to sing.
        n_samples: Length of the output.
        colour: Changes of timbre.
        rng: Draws where each phrase starts, vibrato and the like.
    """
    output = np.zeros(n_samples, np.float32)
    syllables = find_syllables(frames)
    if not syllables:
        return output
    level_db = loudness_db(frames)
    middle_db = np.median([level_db[s.vowel] for s in syllables])
    is_quantised = rng.random() < 0.15
    for phrase in phrases:
        first = int(rng.integers(len(syllables)))
        start_s = phrase[0].start_s
        total_s = phrase[-1].start_s + phrase[-1].duration_s - start_s
        numbers: list[np.ndarray] = []
        gains: list[np.ndarray] = []
        position = 0
        for k in range(len(phrase)):
            end_s = phrase[k + 1].start_s - start_s if k + 1 < len(phrase) else total_s
            n_frames = max(6, int(end_s / FRAME_S) - position)
            syllable = _fitting(syllables, first + k, n_frames)
            numbers.append(_spread_frames(syllable, n_frames, rng))
            even_db = 0.6 * (middle_db - level_db[syllable.vowel]) + rng.normal(0.0, 1.0)
            gains.append(np.full(n_frames, np.clip(even_db, -12.0, 12.0)))
            position += n_frames
        chosen = frames[np.concatenate(numbers)].astype(np.float32)
        chosen[:, -N_BINS:] += np.concatenate(gains)[:, None] * (np.log(10.0) / 10.0)
        n_release = min(8, position)
        chosen[-n_release:, -N_BINS:] -= np.linspace(0.0, 4.0, n_release)[:, None]
        pitch = pitch_contour(phrase, position, rng, is_quantised)
        _add_voice(output, start_s, resynthesise(chosen, pitch, colour, rng))
    return output


def _fitting(syllables: list[Syllable], index: int, n_frames: int) -> Syllable:
    """The next syllable that need not be stretched too far."""
    for k in range(4):
        syllable = syllables[(index + k) % len(syllables)]
        if n_frames <= _LONGEST_STRETCH * (syllable.end - syllable.start):
            return syllable
    return syllables[index % len(syllables)]


def sing_as_recorded(
    frames: np.ndarray, plan: Plan, centre: int, colour: Colour, rng: np.random.Generator
) -> np.ndarray:
    """Phrases of a real singer with their own timing, moved into the song's key, [samples].

    Each note is shifted to the nearest of the scale; glides and vibrato stay as they were sung.

    Args:
        frames: Analysis of a singer, see `world`.
        plan: The song: key, and the bars where vocals play.
        centre: Pitch to which the singer's middle is moved.
        colour: Changes of timbre.
        rng: Draws the excerpts and the speed.
    """
    output = np.zeros(plan.n_samples, np.float32)
    sung = np.asarray(frames[:, 0], np.float32) + 60.0
    is_voiced = np.isfinite(sung)
    if not is_voiced.any():
        return output
    shift = centre - float(np.median(sung[is_voiced]))
    shift = float(np.clip(shift, -9.0, 9.0))
    speed = rng.uniform(0.8, 1.25)
    bars = [bar for bar in plan.phrase_bars() if plan.plays("vocals", bar)] or [0]
    place = int(rng.integers(len(frames)))
    for bar in bars:
        if rng.random() < 0.1 and plan.alone_in(bar) != "vocals":
            continue
        n_frames = int((plan.time_s(bar + 2) - plan.time_s(bar)) / FRAME_S)
        numbers = (place + np.arange(n_frames) * speed).astype(int) % len(frames)
        place = int(numbers[-1])
        chosen = np.asarray(frames[numbers])
        pitch = _into_key(
            np.where(np.isfinite(sung[numbers]), sung[numbers] + shift, np.nan), plan, bar
        )
        voice = resynthesise(chosen, pitch, colour, rng)
        if np.abs(voice).max() > 1e-4:
            _add_voice(output, plan.time_s(bar), voice)
    return output


def _into_key(pitch: np.ndarray, plan: Plan, bar: int = 0) -> np.ndarray:
    """`pitch` with each stretch of a steady note moved to the scale; unvoiced frames are 60."""
    moved = np.where(np.isfinite(pitch), pitch, 60.0)
    voiced = np.isfinite(pitch)
    n_window = 15
    smooth = np.array(
        [np.median(moved[max(0, i - n_window) : i + n_window + 1]) for i in range(len(moved))]
    )
    scale = np.array([s + 12 * k for k in range(-6, 7) for s in plan.scale_at(bar)]) + plan.key_at(
        bar
    )
    nearest = scale[np.argmin(np.abs(scale[None, :] - smooth[:, None]), axis=1)]
    correction = np.where(voiced, nearest - smooth, 0.0)
    kernel = np.hanning(17)[1:-1]
    return moved + np.convolve(np.pad(correction, 7, mode="edge"), kernel / kernel.sum(), "valid")
