"""A collection of made songs on disk, in MUSDB18-HQ's layout: FOLDER/<split>/<song>/<stem>.flac.

A song appears under its name only when it is complete, so an interrupted run is resumed by running
again.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf

from streamsep.commands.interrupt import ignore_interrupt
from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.orders import Order
from streamsep_offline.maker.song import Song, make_song, song_name
from streamsep_offline.maker.studio import Studio

MANIFEST = "manifest.json"

_UNCHANGED = Order()


class Made(NamedTuple):
    """A song of a collection.

    Attributes:
        name: Of its folder.
        is_new: Whether it was rendered now.
        cpu_s: Processor time that took, seconds, with that of programs it called.
    """

    name: str
    is_new: bool
    cpu_s: float


def _unfinished(folder: Path) -> Path:
    """Where a song is written: beside the splits, so that who lists one meets no half song."""
    return folder.parent.parent / ".unfinished" / folder.name


def write_song(song: Song, folder: Path, file_format: str, has_mixture: bool) -> None:
    """Write a song's stems and manifest to `folder`, which must not exist; complete or not at all.

    A mixture that is not the sum of the stems is written always.

    Raises:
        AudioFileError: the folder cannot be written.
    """
    pcm = _to_pcm(song.stems)
    files = dict(zip(song.targets, pcm, strict=True))
    if song.heard is not None:
        files["mixture"] = _to_pcm(song.heard)
    elif has_mixture:
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


def _to_pcm(audio: np.ndarray) -> np.ndarray:
    return np.round(audio * 32767.0).clip(-32768, 32767).astype(np.int16)


def make_library(
    studio: Studio, folder: Path, seed: int, indices: range, order: Order = _UNCHANGED
) -> Iterator[Made]:
    """Render songs that are not there yet; tells of each when it is there.

    Args:
        studio: Samples and split.
        folder: Root of the collection.
        seed: Of the collection.
        indices: Which songs.
        order: What they have in common.

    Raises:
        ParameterError: A song is there that was made to another order.
        AudioFileError: A song cannot be written.
    """
    for index in indices:
        place = folder / order.folder(studio.split) / song_name(studio.split, seed, index)
        began_s = _cpu_s()
        is_new = not _is_made(place, order)
        if is_new:
            song = make_song(
                seed,
                index,
                studio,
                order.styles,
                order.duration_s,
                order.n_stems,
                order.heard_share,
                order.instruments,
            )
            song.manifest["order"] = order.facts()
            write_song(song, place, order.file_format, order.has_mixture)
        yield Made(place.name, is_new, _cpu_s() - began_s)


def _is_made(place: Path, order: Order) -> bool:
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise AudioFileError(f"{place / MANIFEST} is damaged ({error}); delete {place}") from error
    # Manifests of earlier makers lack what nobody could order then.
    wanted, found = order.facts(), {**_UNCHANGED.facts(), **manifest.get("order", {})}
    differing = [key for key in wanted if found[key] != wanted[key]]
    if differing:
        key = differing[0]
        raise ParameterError(
            f"{place} was made with {key} {found[key]}, not {wanted[key]}; "
            "choose another folder, or delete this one"
        )
    return True


def _cpu_s() -> float:
    """Processor time of this process and of programs it has called, seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _make_one(job: tuple) -> Made:
    """One song in a worker process, whose studio is kept between songs."""
    folder_of_samples, split, folder, seed, order, index = job
    key = (folder_of_samples, split)
    if key not in _STUDIOS:
        _STUDIOS[key] = Studio(folder_of_samples, split)
    return next(make_library(_STUDIOS[key], folder, seed, range(index, index + 1), order))


_STUDIOS: dict[tuple, Studio] = {}


def make_library_in_parallel(
    studio: Studio,
    folder: Path,
    seed: int,
    indices: range,
    order: Order = _UNCHANGED,
    n_jobs: int = 1,
) -> Iterator[Made]:
    """As `make_library`, in `n_jobs` processes; songs come in any order. See there for the rest.

    Raises:
        AudioFileError: A process crashed.
    """
    try:
        if n_jobs == 1:
            yield from make_library(studio, folder, seed, indices, order)
        else:
            jobs = [(studio.folder, studio.split, folder, seed, order, i) for i in indices]
            spawn = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(n_jobs, spawn, initializer=ignore_interrupt) as pool:
                try:
                    for made in as_completed([pool.submit(_make_one, job) for job in jobs]):
                        yield made.result()
                finally:
                    pool.shutdown(cancel_futures=True)
    except BrokenProcessPool as error:
        raise AudioFileError(
            f"a process that made songs in {folder} ended before it was done: a library crashed, or "
            "memory ran out; begin again, and it goes on, or find the song with -j 1"
        ) from error
    finally:
        for index in indices:  # what a process was writing when it was stopped
            name = song_name(studio.split, seed, index)
            shutil.rmtree(
                _unfinished(folder / order.folder(studio.split) / name), ignore_errors=True
            )
        with contextlib.suppress(OSError):  # not there, or another run is writing
            (folder / ".unfinished").rmdir()
