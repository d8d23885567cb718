"""`streamsep separate`: songs to stems in the best quality, when there is time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.commands import Command
from streamsep.errors import ParameterError
from streamsep_offline.commands.separate_options import (
    add_arguments,
    output_options,
    separation_settings,
)

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep_offline.commands.separate_progress import SongsProgress
    from streamsep_offline.files.file import FileResult, SongTask
    from streamsep_offline.separation.pipeline import Separation

EXIT_SOME_FAILED, EXIT_INTERRUPTED = 1, 130


def run(arguments: argparse.Namespace) -> int:
    """Separate what is not there yet; running again goes on.

    Returns:
        0 all done or skipped, 1 some failed, 130 stopped by Ctrl-C.

    Raises:
        StreamsepError: Nothing could be begun: an option, a name, the model or the cluster.
    """
    from streamsep.commands.console import make_console, waiting
    from streamsep.commands.outputs import check_writable
    from streamsep.commands.report import write_report
    from streamsep_offline.commands.separate_report import counts, report, results_table
    from streamsep_offline.files.file import FileResult, plan_song
    from streamsep_offline.files.fingerprint import model_name
    from streamsep_offline.files.inputs import find_inputs
    from streamsep_offline.files.naming import check_collisions
    from streamsep_offline.files.prepare import is_prepared, prepare
    from streamsep_offline.separation.pipeline import Separation

    if arguments.scheduler and arguments.jobs > 1:
        raise ParameterError("--jobs and --scheduler exclude each other; the cluster has workers")
    if arguments.json and arguments.json != "-":
        check_writable(arguments.json, "report")
    folder = Path(arguments.output)
    options, settings = output_options(arguments), separation_settings(arguments)
    inputs = find_inputs(arguments.files, exclude=folder)
    separation = Separation(settings)
    part = (arguments.start, arguments.duration)
    tasks = [plan_song(path, folder, separation, options, *part) for path in inputs]
    check_collisions([(task.source, task.outputs) for task in tasks])
    if options.output_format.is_av:
        from streamsep_offline.files.av_reader import require_av

        require_av(f"writing {options.format}")
    console = make_console(arguments.quiet, to_stderr=True)
    if not is_prepared(settings):
        with waiting(console, "compiling for this processor, once: about half a minute"):
            prepare(settings)
    results, is_stopped = _separate(console, arguments, tasks, separation)
    listed = [results.get(i, FileResult(path, "stopped")) for i, path in enumerate(inputs)]
    if is_stopped:
        sys.stderr.write(
            f"streamsep: stopped ({counts(listed)}); the same command goes on from here\n"
        )
    elif len(listed) > 1:
        console.print(results_table(listed))
    if arguments.json:
        write_report(arguments.json, report(listed, model_name(settings), separation.stems))
    if is_stopped:
        return EXIT_INTERRUPTED
    return EXIT_SOME_FAILED if any(r.status == "failed" for r in listed) else 0


def _separate(
    console: Console,
    arguments: argparse.Namespace,
    tasks: Sequence[SongTask],
    separation: Separation,
) -> tuple[dict[int, FileResult], bool]:
    """Results by place in the list, and whether Ctrl-C came."""
    from streamsep_offline.commands.separate_progress import SongsProgress
    from streamsep_offline.commands.separate_report import describe

    results: dict[int, FileResult] = {}
    try:
        with SongsProgress(console, [task.source.name for task in tasks]) as progress:
            for index, result in _run_all(arguments, tasks, separation, progress):
                results[index] = result
                line = describe(result)
                progress.finish(index, line)
                if console.quiet and result.status == "failed":
                    sys.stderr.write(f"{line}\n")
    except KeyboardInterrupt:
        return results, True
    return results, False


def _run_all(
    arguments: argparse.Namespace,
    tasks: Sequence[SongTask],
    separation: Separation,
    progress: SongsProgress,
) -> Iterator[tuple[int, FileResult]]:
    if arguments.scheduler:
        from streamsep_offline.files.cluster import run_cluster

        return run_cluster(tasks, separation.settings, arguments.scheduler, progress.update)
    from streamsep_offline.files.jobs import run_jobs, run_serial

    n_jobs = min(arguments.jobs, len(tasks))
    if n_jobs > 1:
        return run_jobs(tasks, separation.settings, n_jobs, progress.update)
    return run_serial(tasks, separation, progress.update)


command = Command(
    name="separate",
    help="separate songs into files in the best quality, looking ahead",
    example="streamsep separate song.mp3 album/ -o stems --format flac --two-stems vocals",
    add_arguments=add_arguments,
    run=run,
)
