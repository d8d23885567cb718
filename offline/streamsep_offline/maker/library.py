"""A collection of made songs on disk, in MUSDB18-HQ's layout: FOLDER/<split>/<song>/<stem>.flac.

A song appears under its name only when it is complete, so an interrupted run is resumed by running
again.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile as sf

from streamsep.commands.interrupt import ignore_interrupt
from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.maker import gm
from streamsep_offline.maker.mixing import TARGETS
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.song import Song, make_song, song_name
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.voices.speech import speakers_of
from streamsep_offline.maker.voices.world import world

FORMATS = ("flac", "wav")
"""Both 16 bit; FLAC takes half the space."""

MANIFEST = "manifest.json"


def missing_parts(studio: Studio) -> list[str]:
    """One line for each optional part that is not there, with the remedy."""
    missing = []
    if studio.folder is None or not studio.folder.is_dir():
        missing.append(
            "samples: no folder; give --samples or set STREAMSEP_AUDIO (synthesisers only without)"
        )
    if not gm.is_available():
        missing.append("General MIDI: install fluidsynth and fluid-soundfont-gm")
    if world() is None:
        missing.append("singing by WORLD: pip install pyworld")
    elif not speakers_of(studio):
        missing.append("synthetic speech: install espeak-ng and flite")
    return missing


def _unfinished(folder: Path) -> Path:
    """Where a song is written: beside the splits, so that who lists one meets no half song."""
    return folder.parent.parent / ".unfinished" / folder.name


def write_song(song: Song, folder: Path, file_format: str, has_mixture: bool) -> None:
    """Write a song's stems and manifest to `folder`, which must not exist; complete or not at all.

    Raises:
        AudioFileError: the folder cannot be written.
    """
    pcm = np.round(song.stems * 32767.0).astype(np.int16)
    files = dict(zip(TARGETS, pcm, strict=True))
    if has_mixture:
        files["mixture"] = pcm.sum(axis=0, dtype=np.int32).clip(-32768, 32767).astype(np.int16)
    unfinished = _unfinished(folder)
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for name, audio in files.items():
            path = unfinished / f"{name}.{file_format}"
            sf.write(path, audio.T, SAMPLE_RATE_HZ, subtype="PCM_16")
        text = json.dumps(song.manifest, indent=1, ensure_ascii=False)
        (unfinished / MANIFEST).write_text(text + "\n", encoding="utf-8")
        folder.parent.mkdir(exist_ok=True)
        unfinished.rename(folder)
    except OSError as error:
        raise AudioFileError(
            f"cannot write song {folder}: {error}; check space and rights"
        ) from error
    finally:  # also when interrupted
        shutil.rmtree(unfinished, ignore_errors=True)


def make_library(
    studio: Studio,
    folder: Path,
    seed: int,
    indices: range,
    style: str | None = None,
    file_format: str = "flac",
    has_mixture: bool = False,
) -> Iterator[tuple[str, bool]]:
    """Render songs that are not there yet; yields (name, whether it was rendered now) after each.

    Args:
        studio: Samples and split.
        folder: Root of the collection.
        seed: Of the collection.
        indices: Which songs.
        style: "rock", "pop", "electronic" or None for all.
        file_format: One of `FORMATS`.
        has_mixture: Write the mixture too.

    Raises:
        ParameterError: the format is unknown.
    """
    if file_format not in FORMATS:
        raise ParameterError(f"unknown format '{file_format}'; use one of {', '.join(FORMATS)}")
    for index in indices:
        place = folder / studio.split / song_name(studio.split, seed, index)
        is_new = not (place / MANIFEST).exists()
        if is_new:
            write_song(make_song(seed, index, studio, style), place, file_format, has_mixture)
        yield place.name, is_new


def _make_one(job: tuple) -> tuple[str, bool]:
    """One song in a worker process, whose studio is kept between songs."""
    folder_of_samples, split, *rest, index = job
    key = (folder_of_samples, split)
    if key not in _STUDIOS:
        _STUDIOS[key] = Studio(folder_of_samples, split)
    place, seed, style, file_format, has_mixture = rest
    only = range(index, index + 1)
    return next(make_library(_STUDIOS[key], place, seed, only, style, file_format, has_mixture))


_STUDIOS: dict[tuple, Studio] = {}


def make_library_in_parallel(
    studio: Studio,
    folder: Path,
    seed: int,
    indices: range,
    *,
    style: str | None = None,
    file_format: str = "flac",
    has_mixture: bool = False,
    n_jobs: int = 1,
) -> Iterator[tuple[str, bool]]:
    """As `make_library`, in `n_jobs` processes; songs come in any order. See there for the rest."""
    rest = (folder, seed, style, file_format, has_mixture)
    try:
        if n_jobs == 1:
            yield from make_library(studio, folder, seed, indices, *rest[2:])
        else:
            jobs = [(studio.folder, studio.split, *rest, index) for index in indices]
            with multiprocessing.get_context("spawn").Pool(n_jobs, ignore_interrupt) as pool:
                yield from pool.imap_unordered(_make_one, jobs)
    finally:
        for index in indices:  # what a process was writing when it was stopped
            name = song_name(studio.split, seed, index)
            shutil.rmtree(_unfinished(folder / studio.split / name), ignore_errors=True)
        with contextlib.suppress(OSError):  # not there, or another run is writing
            (folder / ".unfinished").rmdir()
