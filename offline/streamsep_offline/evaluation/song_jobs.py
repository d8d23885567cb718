"""Songs one after the other, or on several processes; what was scored before Ctrl-C is kept."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from streamsep.commands.interrupt import ignore_interrupt
from streamsep.errors import AudioFileError, ParameterError, StreamsepError
from streamsep_offline.evaluation.checks import check_song
from streamsep_offline.evaluation.method import Estimate, Method
from streamsep_offline.evaluation.players import Player, make_players
from streamsep_offline.evaluation.results import SongResult
from streamsep_offline.evaluation.score import SongAudio, score_stems
from streamsep_offline.evaluation.songs import KindSong, read_song
from streamsep_offline.files.jobs import one_thread_each

MIN_S = 1.0
"""Seconds below which a song is not scored."""


@dataclass(frozen=True)
class Task:
    """What is asked of every song.

    Attributes:
        method: Separates.
        metrics: Of `figures.METRICS`.
        start_s: Where to start.
        duration_s: How much to take; None takes all.
        n_players: Songs, from the first on, of which sound is kept for the report.
        checks: Of `checks.CHECKS`.
    """

    method: Method
    metrics: tuple[str, ...]
    start_s: float = 0.0
    duration_s: float | None = None
    n_players: int = 0
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a song: a result, or why there is none.

    Attributes:
        result: Figures; None if it failed.
        players: Sound for the report; empty if none was asked for.
        failure: One line.
    """

    result: SongResult | None
    players: tuple[Player, ...] = ()
    failure: str = ""


def score_song(task: Task, estimate: Estimate, item: KindSong, is_heard: bool = False) -> Outcome:
    """Read, separate and score a song.

    Args:
        task: What is asked.
        estimate: Of the task's method.
        item: The song.
        is_heard: Whether sound is kept for the report.

    Raises:
        StreamsepError: A file is unreadable, or song and model do not fit.
    """
    song = read_song(item.song, task.start_s, task.duration_s)
    seconds = check_length(song)
    names, stems = estimate(song)
    results = score_stems(song, names, stems, task.metrics)
    players = make_players(song, names, stems) if is_heard else ()
    checks = check_song(song, estimate, names, stems, task.checks) if task.checks else {}
    return Outcome(SongResult(item.name, item.kind, seconds, results, checks), players)


def check_length(song: SongAudio) -> float:
    """Seconds of a part.

    Raises:
        AudioFileError: It is too short to be scored.
    """
    seconds = song.references.shape[-1] / song.sample_rate
    if seconds < MIN_S:
        raise AudioFileError(
            f"there are {seconds:.1f} s from {song.start_s:g} s on; at least "
            f"{MIN_S:g} s are scored: choose another --start or a longer --duration"
        )
    return seconds


def score_songs(
    task: Task, songs: Sequence[KindSong], n_jobs: int = 1
) -> Iterator[tuple[int, Outcome]]:
    """Score songs; a song that fails does not stop the others.

    Closing the iterator, or an exception in the loop over it, ends the processes.

    Args:
        task: What is asked.
        songs: Songs.
        n_jobs: Processes. Each computes on one thread unless OMP_NUM_THREADS says otherwise.

    Yields:
        Places in the list and outcomes, in the order in which songs end.

    Raises:
        StreamsepError: The method cannot be opened.
        ParameterError: A process died.
    """
    estimate = task.method.open()
    if min(n_jobs, len(songs)) <= 1:
        for index, item in enumerate(songs):
            yield index, _attempt(task, estimate, index, item)
        return
    del estimate  # it was opened to fail early, and to compile once for all
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(n_jobs, context, _start, (task,))
    try:
        with one_thread_each():
            futures: dict[Future[Outcome], int] = {
                pool.submit(_work, index, item): index for index, item in enumerate(songs)
            }
        waiting = set(futures)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield futures[future], future.result()
    except BrokenProcessPool as error:
        raise ParameterError(
            f"--jobs {n_jobs}: a process died; is there memory for so many? Take fewer"
        ) from error
    finally:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            with contextlib.suppress(OSError, ValueError):
                process.terminate()


def _attempt(task: Task, estimate: Estimate, index: int, item: KindSong) -> Outcome:
    try:
        return score_song(task, estimate, item, index < task.n_players)
    except StreamsepError as error:
        return Outcome(None, failure=f"{item.name}: {error}")


_opened: tuple[Task, Estimate] | None = None


def _start(task: Task) -> None:
    """What a process does first."""
    global _opened
    ignore_interrupt()
    _opened = task, task.method.open()


def _work(index: int, item: KindSong) -> Outcome:
    assert _opened is not None
    return _attempt(*_opened, index, item)
