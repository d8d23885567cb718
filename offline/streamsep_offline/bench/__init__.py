"""`streamsep bench --offline`: the offline path beside its peers, as tables for people and JSON values."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from streamsep.errors import MissingExtraError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_ROUNDS, _ROUNDS_QUICK = 5, 2
SONG_S_QUICK = 10.0
_SONG_ROUNDS, _SONG_ROUNDS_QUICK = 3, 1
_SONG_S_QUICK, _HIDDEN_SIZE_QUICK = 5.0, 64


def run_offline_bench(console: Console, progress: Progress, is_quick: bool) -> dict[str, Any]:
    """Measure all, and print the table of each measurement as soon as it is done.

    Args:
        console: Where to print.
        progress: Bars while people wait.
        is_quick: Seconds instead of minutes: short music, small networks, few rounds.

    Returns:
        JSON values by name of the measurement.

    Raises:
        MissingExtraError: torch is not installed.
    """
    if importlib.util.find_spec("torch") is None:
        raise MissingExtraError("bench --offline", "torch", "offline")
    return {
        "wiener": _compare_filters(console, progress, is_quick),
        "separation": _compare_separations(console, progress, is_quick),
    }


def _compare_filters(console: Console, progress: Progress, is_quick: bool) -> list[dict[str, Any]]:
    from streamsep_offline.bench import wiener

    rounds = _ROUNDS_QUICK if is_quick else _ROUNDS
    n_frames = wiener.N_FRAMES_QUICK if is_quick else wiener.N_FRAMES
    task = progress.add_task("Wiener filters", total=rounds)
    rows = wiener.compare_wiener(n_frames, rounds, lambda: progress.advance(task))
    console.print(wiener.wiener_table(rows, n_frames))
    return [row.as_json() for row in rows]


def _compare_separations(
    console: Console, progress: Progress, is_quick: bool
) -> list[dict[str, Any]]:
    from streamsep_offline.bench import separation

    rounds = _SONG_ROUNDS_QUICK if is_quick else _SONG_ROUNDS
    song_s = _SONG_S_QUICK if is_quick else separation.SONG_S
    hidden_size = _HIDDEN_SIZE_QUICK if is_quick else separation.FULL_HIDDEN_SIZE
    task = progress.add_task("whole separations", total=rounds)
    rows = separation.compare_separations(
        song_s, hidden_size, rounds, lambda: progress.advance(task)
    )
    console.print(separation.separation_table(rows, song_s))
    return [row.as_json() for row in rows]
