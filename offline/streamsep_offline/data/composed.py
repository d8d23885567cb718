"""A folder of songs that the package composes itself: something to learn from before one has any.

    FOLDER/{train,valid,test}/composed-0007-20s/{vocals,drums,bass,other}.wav

Layout "stems" of docs/data.md. Every song has its own key, tempo, chords and melody, but one singer and one
band play them all: what a model learns here it knows of this band.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import soundfile

from streamsep.errors import AudioFileError, ParameterError
from streamsep.song import compose

FIRST_SEEDS = {"train": 0, "valid": 10_000, "test": 20_000}
"""Seed of the first song of a split; more songs of one split never become songs of another."""


def compose_songs(
    folder: Path,
    train: int = 3,
    valid: int = 1,
    test: int = 1,
    duration_s: float = 20.0,
    report: Callable[[int, int], None] | None = None,
) -> Path:
    """Compose and write the songs that are not there yet; each appears whole or not at all.

    Args:
        folder: Of the songs; made where it is missing.
        train: Songs to learn from.
        valid: Songs to choose by.
        test: Songs to score.
        duration_s: Length of each in seconds, 1 to 600.
        report: Told after each song how many are there, and of how many.

    Returns:
        The folder.

    Raises:
        ParameterError: A count is negative, there are no songs at all, or the duration is out of range.
        AudioFileError: A file cannot be written.

    Takes: about a second for 20 s of music, 14 MB for each.
    """
    counts = {"train": train, "valid": valid, "test": test}
    for name, count in counts.items():
        if count < 0:
            raise ParameterError(f"{name}={count} is negative; use 0 or more songs")
    n_songs = sum(counts.values())
    if not n_songs:
        raise ParameterError("train, valid and test are 0; ask for at least one song")
    orders = [(split, FIRST_SEEDS[split] + i) for split, n in counts.items() for i in range(n)]
    for done, (split, seed) in enumerate(orders, 1):
        place = folder / split / f"composed-{seed:04d}-{duration_s:g}s"
        if not place.is_dir():
            _write(place, duration_s, seed)
        if report is not None:
            report(done, n_songs)
    return folder


def _write(place: Path, duration_s: float, seed: int) -> None:
    song = compose(duration_s, seed=seed)
    # Beside the splits, so that who lists one meets no half song.
    unfinished = place.parent.parent / ".unfinished" / place.name
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        place.parent.mkdir(exist_ok=True)
        for name, stem in zip(song.targets, song.stems, strict=True):
            soundfile.write(unfinished / f"{name}.wav", stem.T, song.sample_rate, "PCM_16")
        unfinished.rename(place)
        unfinished.parent.rmdir()
    except (OSError, soundfile.SoundFileError) as error:
        raise AudioFileError(f"{place} cannot be written ({error}); name another folder") from error
