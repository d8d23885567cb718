"""One song from (seed, index): the same numbers on the same machine, the same bits."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamsep.errors import ParameterError
from streamsep_offline.maker import basses, drums, mixing, others, own_parts, voices
from streamsep_offline.maker.breaks import choked
from streamsep_offline.maker.genres import STYLES, Genre, choose_genre
from streamsep_offline.maker.grooves import Performance, choose_performance
from streamsep_offline.maker.heard import as_heard
from streamsep_offline.maker.manifest import Credits
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.orders import SHORTEST_S, SONG_S, check_names
from streamsep_offline.maker.plan import Plan, make_plan
from streamsep_offline.maker.studio import Studio, Take, generator
from streamsep_offline.maker.versions import versions

_KEY_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True)
class Song:
    """A made song.

    Attributes:
        name: "train-s7-00012", unique for (split, seed, index).
        stems: In the order of `targets`; they sum to the mixture. [targets, 2, samples]
        manifest: What it is made of, a JSON value.
        targets: Names of the stems.
        heard: The mixture as heard, where that is not the sum of the stems. [2, samples]
    """

    name: str
    stems: np.ndarray
    manifest: dict[str, Any]
    targets: tuple[str, ...] = mixing.TARGETS
    heard: np.ndarray | None = None


def song_name(split: str, seed: int, index: int) -> str:
    """Name of a song: unique for its split, seed and index."""
    return f"{split}-s{seed}-{index:05d}"


def make_song(
    seed: int,
    index: int,
    studio: Studio,
    style: str | Sequence[str] | None = None,
    duration_s: float = SONG_S,
    n_stems: int = 4,
    heard_share: float = 0.0,
    instruments: Sequence[str] = (),
) -> Song:
    """Render one song.

    Args:
        seed: Of the collection, >= 0.
        index: Of the song within it, >= 0.
        studio: Samples and split.
        style: One of `genres.STYLES`, or some of them to choose from; None or none takes all.
        duration_s: Length, at least 4 s.
        n_stems: 4, or 5 with the piano apart from other.
        heard_share: Share of the songs whose mixture is not the sum, see `heard`.
        instruments: Of the stems other and piano; none takes what suits the music.

    Raises:
        ParameterError: a number is negative, a style or instrument unknown or the song too short.
    """
    check_names("instrument", instruments, others.PARTS)
    take, performance = plan_song(seed, index, studio, style, duration_s)
    plan, words = take.plan, take.seed
    hits = drums.make_hits(take.part("drums", "groove"), performance)
    kicks_s = drums.kick_times(hits, plan.n_samples)
    vocals, route = voices.render(take.part("vocals", "voice"))
    other, piano, parts = others.render(take.part("other", "parts"), kicks_s, instruments)
    stems = {
        "vocals": vocals,
        "drums": drums.render(take.part("drums", "kit"), hits),
        "bass": basses.render(take.part("bass", "bass"), kicks_s),
        "piano": piano,
        "other": other,
    }
    # Ordered instruments are not mixed with the user's.
    own_parts.weave(take, stems, ("vocals", "drums", "bass") if instruments else stems)
    for name, stem in stems.items():  # the piano rests with the other instruments
        stems[name] = choked(stem, plan.silences_s("other" if name == "piano" else name))
    mix = mixing.mix(stems, plan, generator(words, "mix"), kicks_s)
    heard, how = None, "the sum of the stems"
    rng = generator(words, "heard")
    if rng.random() < heard_share:
        heard, how = as_heard(mix.stems.sum(axis=0), rng)
    targets = mixing.STEMS if n_stems == len(mixing.STEMS) else mixing.TARGETS
    manifest = take.credits.as_manifest(
        name=song_name(studio.split, seed, index),
        split=studio.split,
        seed=seed,
        index=index,
        **describe(take),
        form=_form(plan),
        alone=[
            [b.stem, round(plan.time_s(0, b.start), 3), round(plan.time_s(0, b.end), 3)]
            for b in plan.breaks
        ],
        vocals=route,
        other=parts,
        duration_s=plan.n_samples / SAMPLE_RATE_HZ,
        sample_rate_hz=SAMPLE_RATE_HZ,
        targets=list(targets),
        mix=mix.facts,
        mixture_is_sum=heard is None,
        mixture=how,
        versions=versions(),
    )
    return Song(manifest["name"], mix.targets(n_stems), manifest, targets, heard)


def plan_song(
    seed: int,
    index: int,
    studio: Studio,
    style: str | Sequence[str] | None = None,
    duration_s: float = SONG_S,
) -> tuple[Take, Performance | None]:
    """What a song will be, before a note of it sounds; see `make_song`."""
    styles = (style,) if isinstance(style, str) else tuple(style or ())
    if seed < 0 or index < 0:
        raise ParameterError(f"seed {seed} and index {index} must not be negative")
    check_names("style", styles, STYLES)
    if duration_s < SHORTEST_S:
        raise ParameterError(
            f"a song of {duration_s} s is too short; use at least {SHORTEST_S:g} s"
        )
    words = (seed, index, zlib.crc32(studio.split.encode()))
    rng = generator(words, "plan")
    genre = _genre_of(rng, styles)
    performance = choose_performance(studio, genre, rng)
    feel = performance.feel if performance else None
    plan = make_plan(rng, genre, to_samples(duration_s), feel)
    return Take(studio, plan, Credits(), rng, "", words), performance


def describe(take: Take) -> dict[str, Any]:
    """Kind of music, tempo and key of a planned song, JSON values."""
    plan = take.plan
    return {
        "style": plan.genre.style,
        "genre": plan.genre.name,
        "bpm": round(plan.bpm, 2),
        "metre": plan.metre.name,
        "key": f"{_KEY_NAMES[plan.key % 12]} {plan.scale_name}",
    }


def _form(plan: Plan) -> list[list[Any]]:
    """Name and start, seconds, of every section."""
    return [
        [plan.section(bar).name, round(plan.time_s(bar), 3)]
        for bar in range(plan.n_bars)
        if plan.is_first_of_section(bar)
    ]


def _genre_of(rng: np.random.Generator, styles: tuple[str, ...]) -> Genre:
    """A genre of one of the styles, these in their usual proportions; of any where none is named."""
    if len(styles) == 1:
        return choose_genre(rng, styles[0])
    genre = choose_genre(rng)
    while styles and genre.style not in styles:
        genre = choose_genre(rng)
    return genre
