"""Singing through WORLD: syllables on a new melody, or phrases as sung, in the song's key."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from streamsep_offline.maker.notes import Note, to_samples
from streamsep_offline.maker.places import sings_alone, tones_at
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.voices.contour import (
    FRAME_S,
    SPOKEN,
    Manner,
    Phrase,
    pitch_contour,
    wander,
)
from streamsep_offline.maker.voices.syllables import Syllable, Words
from streamsep_offline.maker.voices.world import (
    N_BINS,
    Colour,
    resynthesise,
)

_LONGEST_STRETCH = 6.0
_SHORTEST_GAP = 4
"""Frames of silence that are heard as such; shorter ones are sung through."""

_GAP_DB = -60.0
_LEAST_VOICED = 0.15
"""Excerpts with less singing than this are breaths and rustle."""

_STEADY_FRAMES = 31
"""Over how many frames a note's pitch is taken."""

_LOOSE_FRAMES = 1.5
"""Standard deviation of how early or late somebody is who sings along with a recording."""


def _add_voice(output: np.ndarray, start_s: float, voice: np.ndarray) -> None:
    """Add a phrase that is at unit RMS while it sounds, faded; `output` belongs to the caller."""
    n_rise, n_fall = min(len(voice) // 4, 200), min(len(voice), 900)
    size = np.abs(voice)
    sounding = voice[size > 0.03 * size.max()].astype(np.float64)
    shaped = voice / (np.sqrt(np.mean(np.square(sounding))) + 1e-6) if len(sounding) else 0 * voice
    shaped[:n_rise] *= np.linspace(0.0, 1.0, n_rise, dtype=np.float32)
    shaped[len(voice) - n_fall :] *= np.linspace(1.0, 0.0, n_fall, dtype=np.float32)
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
    words: Words,
    phrases: list[Phrase],
    n_samples: int,
    colour: Colour,
    rng: np.random.Generator,
    manner: Manner | None = None,
) -> np.ndarray:
    """One syllable per note that is not slurred, in the order in which they were spoken, [samples].

    Args:
        words: Whose syllables.
        phrases: What to sing.
        n_samples: Length of the output.
        colour: Changes of timbre.
        rng: Draws where each phrase starts, vibrato and the like.
        manner: How it is delivered; none given, drawn for each phrase.
    """
    output = np.zeros(n_samples, np.float32)
    syllables = words.syllables
    if not syllables:
        return output
    middle_db = np.median([syllable.level_db for syllable in syllables])
    for phrase in phrases:
        first = int(rng.integers(len(syllables)))
        start_s = phrase[0].start_s
        numbers: list[np.ndarray] = []
        gains: list[np.ndarray] = []
        position = 0
        for k, (until_s, next_s) in enumerate(_syllable_times(phrase)):
            n_frames = max(6, int((next_s - start_s) / FRAME_S) - position)
            n_sung = max(6, int((until_s - start_s) / FRAME_S) - position)
            n_sung = n_sung if n_frames - n_sung > _SHORTEST_GAP else n_frames
            syllable = _fitting(syllables, first + k, n_sung)
            chosen_frames = _spread_frames(syllable, n_sung, rng)
            numbers.append(np.pad(chosen_frames, (0, n_frames - n_sung), mode="edge"))
            even_db = 0.6 * (middle_db - syllable.level_db) + rng.normal(0.0, 1.0)
            gain_db = np.full(n_frames, np.clip(even_db, -12.0, 12.0))
            gain_db[n_sung:] = _GAP_DB
            gains.append(gain_db)
            position += n_frames
        chosen = words.frames[np.concatenate(numbers)].astype(np.float32)
        chosen[:, -N_BINS:] += np.concatenate(gains)[:, None] * (np.log(10.0) / 10.0)
        n_release = min(8, position)
        chosen[-n_release:, -N_BINS:] -= np.linspace(0.0, 4.0, n_release)[:, None]
        pitch = pitch_contour(phrase, position, rng, manner)
        _add_voice(output, start_s, resynthesise(chosen, pitch, colour, rng, manner))
    return output


def _syllable_times(phrase: Phrase) -> list[tuple[float, float]]:
    """When each syllable ends and when the next one begins, seconds."""
    heads = [k for k, note in enumerate(phrase) if k == 0 or not note.is_slurred]
    times = []
    for after in [*heads[1:], len(phrase)]:
        last = phrase[after - 1]
        end_s = last.start_s + last.duration_s
        times.append((end_s, phrase[after].start_s if after < len(phrase) else end_s))
    return times


def _fitting(syllables: list[Syllable], index: int, n_frames: int) -> Syllable:
    """The next syllable that need not be stretched too far."""
    for k in range(4):
        syllable = syllables[(index + k) % len(syllables)]
        if n_frames <= _LONGEST_STRETCH * (syllable.end - syllable.start):
            return syllable
    return syllables[index % len(syllables)]


class Excerpts:
    """A real singer's phrases with their own timing, placed in a song; sung again as often as asked.

    Args:
        frames: Analysis of a singer, see `world`.
        plan: The song: key, and the bars where vocals play.
        centre: Pitch to which the singer's middle is moved.
        rng: Draws the excerpts and the speed.
    """

    def __init__(
        self, frames: np.ndarray, plan: Plan, centre: int, rng: np.random.Generator
    ) -> None:
        self._frames, self._plan, self._centre = frames, plan, centre
        self._sung = np.asarray(frames[:, 0], np.float32) + 60.0
        self._speed = rng.uniform(0.8, 1.25)
        self._places: list[tuple[float, int]] = []
        place = int(rng.integers(len(frames)))
        self.phrases: list[Phrase] = []
        for bar in plan.phrase_bars():
            rests = rng.random() < 0.1 and self.phrases and not sings_alone(plan, bar)
            if rests or not plan.plays("vocals", bar):
                continue
            start_s, n_bars = plan.time_s(bar), 1 + int(plan.plays("vocals", bar + 1))
            duration_s = plan.time_s(bar + n_bars) - start_s
            self.phrases.append([Note(start_s, duration_s, float(centre), 1.0)])
            self._places.append((start_s, place))
            place = int(place + duration_s / FRAME_S * self._speed) % len(frames)

    def sing(
        self,
        phrases: list[Phrase],
        colour: Colour,
        rng: np.random.Generator,
        manner: Manner | None = None,
    ) -> np.ndarray:
        """What was recorded for the nearest of `self.phrases`, each steady note in the song's key.

        Glides and vibrato stay as they were sung; what is spoken stays off the scale. A pitch
        other than the centre moves the singer by as much before the notes are moved to the scale:
        a second voice.

        Args:
            phrases: When to sing and how far from the centre. One note each.
            colour: Changes of timbre.
            rng: Draws swells.
            manner: How it is delivered.

        Returns:
            [samples]
        """
        output = np.zeros(self._plan.n_samples, np.float32)
        is_voiced = np.isfinite(self._sung)
        if not is_voiced.any() or not self._places:
            return output
        middle = float(np.median(self._sung[is_voiced]))
        shift = float(np.clip(self._centre - middle, -9.0, 9.0))
        starts_s = np.array([start_s for start_s, _ in self._places])
        for phrase in phrases:
            start_s, duration_s, pitch = phrase[0][:3]
            place = self._places[int(np.argmin(np.abs(starts_s - start_s)))][1]
            n_frames = int(duration_s / FRAME_S)
            places = place + np.arange(n_frames) * self._speed
            if manner is not None and manner.drift:  # another take is never quite the same
                places = places + wander(n_frames, _LOOSE_FRAMES, rng)
            numbers = places.astype(int) % len(self._frames)
            if np.mean(is_voiced[numbers]) < _LEAST_VOICED:
                continue
            moved = self._sung[numbers] + shift + (pitch - self._centre)
            moved = np.where(np.isfinite(moved), moved, np.nan)
            if manner is not None and manner.contour == SPOKEN:
                moved = np.nan_to_num(moved, nan=60.0)
            else:
                moved = _into_key(moved, self._plan, start_s)
            if manner is not None and manner.drift:
                moved = moved + wander(n_frames, manner.drift, rng)
            chosen = np.asarray(self._frames[numbers])
            voice = resynthesise(chosen, moved, colour, rng, manner)
            if np.abs(voice).max() > 1e-4:
                _add_voice(output, start_s, voice)
        return output


def _into_key(pitch: np.ndarray, plan: Plan, start_s: float) -> np.ndarray:
    """`pitch` with each stretch of a steady note moved to the scale; unvoiced frames are 60.

    Args:
        pitch: MIDI pitch, NaN where unvoiced. [frames]
        plan: The song.
        start_s: When the first frame sounds.
    """
    moved = np.where(np.isfinite(pitch), pitch, 60.0)
    smooth = ndimage.median_filter(moved, _STEADY_FRAMES, mode="nearest")
    first, last = (plan.place_at(start_s + k * FRAME_S) + 0.4 for k in (0, len(pitch)))
    eighths = np.linspace(first, last, len(pitch), endpoint=False).astype(int) // 2
    nearest = np.empty(len(pitch))
    for eighth in np.unique(eighths):  # chords change on these
        here = eighths == eighth
        tones = np.array(tones_at(plan, 0, 2.0 * max(0, int(eighth))))
        nearest[here] = tones[np.abs(tones[None, :] - smooth[here, None]).argmin(axis=1)]
    correction = np.where(np.isfinite(pitch), nearest - smooth, 0.0)
    kernel = np.hanning(17)[1:-1]
    return moved + np.convolve(np.pad(correction, 7, mode="edge"), kernel / kernel.sum(), "valid")
