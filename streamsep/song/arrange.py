"""From a score to stems: the instruments, the room they share, and the balance between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from streamsep.errors import ParameterError, SampleRateError
from streamsep.song.bass import render_bass
from streamsep.song.chords import render_chords
from streamsep.song.composer import write_score
from streamsep.song.drums import render_drums
from streamsep.song.room import reverberate, room_response
from streamsep.song.voice import render_voice
from streamsep.spec import MAX_RATE, MIN_RATE, STEM_SETS
from streamsep.units import db_to_gain

MIN_DURATION_S, MAX_DURATION_S = 1.0, 600.0

LEVELS_DB = {"vocals": 1.0, "drums": 8.0, "bass": 3.5, "other": 2.5}
"""Gain of each stem in the mix."""

ROOM_DB = {"vocals": -15.0, "drums": -20.0, "other": -17.0}
"""How much of each stem the room answers; the bass stays dry."""

PEAK = 0.89
"""Peak of the mixture."""

FADE_S = 0.25
"""What is left of the room and the strings at the end of the song fades within this time."""


@dataclass(frozen=True)
class Song:
    """A rendered song whose true stems are known.

    Attributes:
        sample_rate: In Hz.
        targets: Names of the stems, order of the first axis.
        stems: float32 [4, 2, samples]; their sum peaks at about 0.89.
        bpm: Beats per minute.
        key: Such as "G major".
    """

    sample_rate: int
    targets: tuple[str, ...]
    stems: np.ndarray
    bpm: float
    key: str

    @property
    def mixture(self) -> np.ndarray:
        """The sum of the stems, float32 [2, samples]."""
        return self.stems.sum(axis=0)


def compose(duration_s: float = 20.0, sample_rate: int = 44100, seed: int = 0) -> Song:
    """Write and render a song of four stems: vocals, drums, bass, other.

    Args:
        duration_s: Length in seconds, 1 to 600. Below about 13 s the song is a chorus only.
        sample_rate: In Hz, 8000 to 192000; the music is the same at each, bit for bit it is not.
        seed: Chooses the song, >= 0. The same arguments give the same samples on the same machine.

    Returns:
        The song, round(duration_s * sample_rate) samples long.

    Raises:
        ParameterError: The duration or the seed is out of range.
        SampleRateError: The sample rate is out of range.
    """
    if not MIN_DURATION_S <= duration_s <= MAX_DURATION_S:  # a comparison that NaN fails
        raise ParameterError(
            f"duration_s={duration_s} is outside {MIN_DURATION_S:g} to {MAX_DURATION_S:g} s; "
            "render a shorter song and repeat it, or a longer one and cut it"
        )
    if not isinstance(sample_rate, int | np.integer) or not MIN_RATE <= sample_rate <= MAX_RATE:
        raise SampleRateError(
            f"sample_rate={sample_rate} must be a whole number from {MIN_RATE} to {MAX_RATE} Hz; "
            "use 44100 or 48000"
        )
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ParameterError(
            f"seed={seed} must be a whole number, 0 or more; use 0 for the first song"
        )
    score = write_score(duration_s, seed)
    n_samples = round(duration_s * sample_rate)
    rngs = [np.random.default_rng(s) for s in np.random.SeedSequence((seed, 1)).spawn(4)]
    targets = STEM_SETS["4stems"]
    stems = np.zeros((len(targets), 2, n_samples), np.float32)
    dry = {
        "vocals": render_voice(score.phrases, n_samples, sample_rate, rngs[0]),
        "drums": render_drums(score.hits, n_samples, sample_rate, rngs[1]),
        "bass": render_bass(score.bass, n_samples, sample_rate),
        "other": render_chords(
            score.guitar, score.piano, score.pad, n_samples, sample_rate, rngs[2]
        ),
    }
    response = room_response(sample_rate, rngs[3])
    for stem, target in zip(stems, targets, strict=True):
        stem += dry[target]
        if target in ROOM_DB:
            wet = reverberate(dry[target], response)
            stem += np.float32(db_to_gain(ROOM_DB[target])) * wet
        stem *= np.float32(db_to_gain(LEVELS_DB[target]))
    fade = _final_fade(n_samples, sample_rate)
    stems[..., n_samples - len(fade) :] *= fade
    stems *= np.float32(PEAK / np.max(np.abs(stems.sum(axis=0))))
    return Song(int(sample_rate), targets, stems, score.bpm, score.key.name)


def _final_fade(n_samples: int, sample_rate: int) -> np.ndarray:
    n_fade = min(n_samples, math.ceil(FADE_S * sample_rate))
    return (0.5 + 0.5 * np.cos(np.pi * np.arange(1, n_fade + 1) / n_fade)).astype(np.float32)
