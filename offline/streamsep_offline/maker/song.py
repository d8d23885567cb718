"""One song from (seed, index): the same numbers on the same machine, the same bits."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamsep.errors import ParameterError
from streamsep_offline.maker import basses, drums, mixing, others, voices
from streamsep_offline.maker.grooves import choose_performance
from streamsep_offline.maker.manifest import Credits
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.plan import STYLES, choose_genre, make_plan
from streamsep_offline.maker.studio import Studio, Take, generator

SONG_S = 30.0
"""Length of a song."""

_KEY_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True)
class Song:
    """A made song.

    Attributes:
        name: "train-s7-00012", unique for (split, seed, index).
        stems: In the order of `mixing.TARGETS`; their sum is the mixture. [4, 2, samples]
        manifest: What it is made of, a JSON value.
    """

    name: str
    stems: np.ndarray
    manifest: dict[str, Any]


def song_name(split: str, seed: int, index: int) -> str:
    """Name of a song: unique for its split, seed and index."""
    return f"{split}-s{seed}-{index:05d}"


def make_song(
    seed: int,
    index: int,
    studio: Studio,
    style: str | None = None,
    duration_s: float = SONG_S,
) -> Song:
    """Render one song.

    Args:
        seed: Of the collection, >= 0.
        index: Of the song within it, >= 0.
        studio: Samples and split.
        style: "rock", "pop" or "electronic"; None draws one.
        duration_s: Length, at least 4 s.

    Raises:
        ParameterError: a number is negative, the style unknown or the song too short.
    """
    if seed < 0 or index < 0:
        raise ParameterError(f"seed {seed} and index {index} must not be negative")
    if style is not None and style not in STYLES:
        raise ParameterError(f"unknown style '{style}'; use one of {', '.join(STYLES)}")
    if duration_s < 4.0:
        raise ParameterError(f"a song of {duration_s} s is too short; use at least 4 s")
    words = (seed, index, zlib.crc32(studio.split.encode()))
    rng = generator(words, "plan")
    genre = choose_genre(rng, style)
    performance = choose_performance(studio, genre, rng)
    bpm = performance.bpm if performance else None
    plan = make_plan(rng, genre, to_samples(duration_s), bpm)
    take = Take(studio, plan, Credits(), rng, "", words)
    hits = drums.make_hits(take.part("drums", "groove"), performance)
    kicks_s = drums.kick_times(hits, plan.n_samples)
    vocals, route = voices.render(take.part("vocals", "voice"))
    other, piano, parts = others.render(take.part("other", "parts"), kicks_s)
    stems = [
        vocals,
        drums.render(take.part("drums", "kit"), hits),
        basses.render(take.part("bass", "bass"), kicks_s),
        other + piano,
    ]
    audio = mixing.mix(stems, generator(words, "mix"), genre.style == "electronic")
    manifest = take.credits.as_manifest(
        name=song_name(studio.split, seed, index),
        split=studio.split,
        seed=seed,
        index=index,
        style=genre.style,
        genre=genre.name,
        bpm=round(plan.bpm, 2),
        key=f"{_KEY_NAMES[plan.key % 12]} {plan.scale_name}",
        vocals=route,
        other=parts,
        duration_s=plan.n_samples / SAMPLE_RATE_HZ,
        sample_rate_hz=SAMPLE_RATE_HZ,
        targets=list(mixing.TARGETS),
    )
    return Song(manifest["name"], audio, manifest)
