"""A few seconds of mixture, references and estimates as MP3, small enough to lie inside a page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr

from streamsep_offline.evaluation.matching import match
from streamsep_offline.evaluation.score import SongAudio

SECONDS = 8.0
"""Length of an excerpt: about 120 kB of MP3."""

_RATE = 44100


@dataclass(frozen=True)
class Player:
    """One excerpt.

    Attributes:
        stem: Name, or "mixture".
        part: "mixture", "reference" or "estimate".
        mp3: A file's bytes.
    """

    stem: str
    part: str
    mp3: bytes


def make_players(
    song: SongAudio, model_stems: Sequence[str], estimates: np.ndarray
) -> tuple[Player, ...]:
    """Excerpts of the part in which most stems sound, all at one gain.

    Args:
        song: Its references.
        model_stems: Names of the estimates.
        estimates: [stems, channels, n]
    """
    matched = match(song.stems, song.references, model_stems, estimates)
    start = busiest(song.references, song.sample_rate)
    part = np.s_[..., start : start + round(SECONDS * song.sample_rate)]
    sounds = [("mixture", "mixture", song.mixture[part])]
    for j, estimate in enumerate(matched.estimates):
        sounds.append((matched.names[j], "reference", matched.references[j][part]))
        sounds.append((matched.names[j], "estimate", estimate[part]))
    gain = common_gain([sound for _, _, sound in sounds])
    return tuple(
        Player(stem, of, encode(gain * sound, song.sample_rate)) for stem, of, sound in sounds
    )


def common_gain(sounds: Sequence[np.ndarray]) -> float:
    """Gain at which the loudest of several sounds nearly reaches full scale."""
    return 0.9 / max(0.01, *(float(np.abs(sound).max()) for sound in sounds))


def busiest(references: np.ndarray, rate: int, duration_s: float = SECONDS) -> int:
    """First sample of the excerpt in which the quietest stem is loudest.

    Args:
        references: Of a second at least. [targets, channels, n]
        rate: In Hz.
        duration_s: Length of the excerpt.
    """
    n = references.shape[-1] // rate
    seconds = references[..., : n * rate].reshape(*references.shape[:2], n, rate)
    levels = np.log10(np.mean(np.square(seconds, dtype=np.float64), axis=(1, 3)) + 1e-6)
    length = min(n, max(1, round(duration_s)))
    sums = np.lib.stride_tricks.sliding_window_view(levels, length, axis=1).sum(axis=-1)
    return int(np.argmax(sums.min(axis=0))) * rate


def encode(audio: np.ndarray, rate: int, compression: float = 0.6) -> bytes:
    """An MP3 file at 44.1 kHz, which every browser plays; players give it back as long as it was.

    Args:
        audio: Clipped at full scale. [channels, n]
        rate: In Hz.
        compression: 0 is the best, 1 the smallest.
    """
    samples = audio.T if rate == _RATE else soxr.resample(audio.T, rate, _RATE)
    file = io.BytesIO()
    soundfile.write(
        file,
        np.clip(samples, -1.0, 1.0),
        _RATE,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=compression,
    )
    return file.getvalue()
