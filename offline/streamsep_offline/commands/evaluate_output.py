"""What both commands do once it is clear what is evaluated: score, show, write."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.errors import AudioFileError, ParameterError

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep_offline.evaluation.method import Method
    from streamsep_offline.evaluation.players import Player
    from streamsep_offline.evaluation.results import Run
    from streamsep_offline.evaluation.song_jobs import Task
    from streamsep_offline.evaluation.songs import KindSong
    from streamsep_offline.evaluation.tables import TextTable

EXIT_SOME_FAILED, EXIT_INTERRUPTED = 1, 130
PICTURES = (".png", ".svg", ".pdf")
_PLAIN_WIDTH = 140


def evaluate(
    methods: Sequence[Method], arguments: argparse.Namespace, checks: tuple[str, ...] = ()
) -> int:
    """Score songs by every method, print tables, and write what was asked for.

    Args:
        methods: Scored one after the other.
        arguments: Of the command.
        checks: Of `checks.CHECKS`.

    Returns:
        0 done, 1 some songs failed, 130 stopped by Ctrl-C; what was scored is written in any case.

    Raises:
        StreamsepError: Nothing could be begun, or no song could be scored.
    """
    from streamsep.commands.console import make_console
    from streamsep_offline.evaluation.figures import METRICS, parse_metrics
    from streamsep_offline.evaluation.song_jobs import Task
    from streamsep_offline.evaluation.songs import open_songs

    if arguments.data is None:
        raise ParameterError(
            "--data is missing: name the folder of songs, as in 'streamsep evaluate classic --data DIR'"
        )
    metrics = parse_metrics(arguments.metrics)
    if arguments.output:
        metrics = tuple(m for m in METRICS if m in (*metrics, "bsseval"))
    _check(arguments, metrics)
    songs = open_songs(arguments.data, arguments.split, arguments.layout, arguments.kinds)
    console = make_console(arguments.quiet, to_stderr=True)
    if "bsseval" not in metrics:
        console.print("BSSEval is left out, it takes its time; --metrics all has it too")
    n_players = arguments.players if arguments.html and len(methods) == 1 else 0
    runs: list[Run] = []
    players: dict[str, tuple[Player, ...]] = {}
    failures: list[str] = []
    is_stopped = False
    for method in methods:
        part = (arguments.start, arguments.duration)
        task = Task(method, metrics, *part, n_players, checks)
        run, is_stopped = _score(console, task, songs, arguments, players, failures)
        runs += [run] if run.songs else []
        if is_stopped:
            break
    if not runs and not is_stopped:
        raise AudioFileError(f"none of {len(songs)} songs was scored: {failures[0]}")
    for line in failures:
        sys.stderr.write(f"streamsep: {line}\n")
    if is_stopped:
        n = sum(len(run.songs) for run in runs)
        sys.stderr.write(
            f"streamsep: stopped; scored {n} of {len(songs) * len(methods)} songs, which are reported\n"
        )
    if runs:
        tables = run_tables(runs)
        show(tables if len(runs) == 1 else tables[:1], arguments)
        write(runs, tables, arguments, players)
    return EXIT_INTERRUPTED if is_stopped else EXIT_SOME_FAILED if failures else 0


def _check(arguments: argparse.Namespace, metrics: Sequence[str]) -> None:
    """Refuse what could not be written, before hours of music are scored."""
    from streamsep_offline.evaluation.bsseval import museval_folder

    check_reports(arguments)
    if "bsseval" in metrics:
        museval_folder()


def check_reports(arguments: argparse.Namespace) -> None:
    """Refuse reports that could not be written.

    Raises:
        AudioFileError: A file's folder is missing or may not be written.
        ParameterError: A picture's ending says no kind that is drawn.
        MissingExtraError: Pictures need matplotlib.
    """
    from streamsep.commands.outputs import check_writable
    from streamsep.plot import require_matplotlib

    for path, what in (
        (arguments.json, "report"),
        (arguments.html, "page"),
        (arguments.plot, "picture"),
    ):
        if path and path != "-":
            check_writable(path, what)
    if arguments.plot and Path(arguments.plot).suffix.lower() not in PICTURES:
        raise ParameterError(
            f"--plot {arguments.plot}: unknown kind of picture; name a {', '.join(PICTURES)} file"
        )
    if arguments.html or arguments.plot:
        require_matplotlib()


def _score(
    console: Console,
    task: Task,
    songs: Sequence[KindSong],
    arguments: argparse.Namespace,
    players: dict[str, tuple[Player, ...]],
    failures: list[str],
) -> tuple[Run, bool]:
    """A run, and whether Ctrl-C came; players and failures are added to."""
    from rich.progress import Progress

    from streamsep_offline.evaluation.museval_file import write_museval
    from streamsep_offline.evaluation.results import Run
    from streamsep_offline.evaluation.song_jobs import score_songs

    title = task.method.title
    settings = {
        **task.method.settings,
        "data": str(arguments.data),
        "split": arguments.split,
        "start_s": task.start_s,
        "duration_s": task.duration_s,
    }
    found, n_failed, is_stopped = {}, 0, False
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(title, total=len(songs))
        try:
            for index, outcome in score_songs(task, songs, arguments.jobs):
                name = songs[index].name
                if outcome.result is None:
                    failures.append(outcome.failure)
                    n_failed += 1
                else:
                    found[index] = outcome.result
                    if outcome.players:
                        players[name] = outcome.players
                    if arguments.output:
                        write_museval(Path(arguments.output), arguments.split, outcome.result)
                progress.advance(bar)
                if not console.is_terminal:
                    console.print(f"{title}: {len(found) + n_failed} of {len(songs)} songs")
        except KeyboardInterrupt:
            is_stopped = True
    is_complete = not is_stopped and not n_failed
    results = tuple(found[i] for i in sorted(found))
    return Run(title, settings, task.metrics, results, is_complete, task.checks), is_stopped


def run_tables(runs: Sequence[Run]) -> list[TextTable]:
    """The tables of a run, or of several beside each other."""
    from streamsep_offline.evaluation.checks_summary import check_table
    from streamsep_offline.evaluation.tables import kind_table, run_table, song_table, stem_table

    if len(runs) > 1:
        return [run_table(runs), *(stem_table(run) for run in runs)]
    tables = [each(runs[0]) for each in (stem_table, kind_table, song_table, check_table)]
    return [table for table in tables if table is not None]


def show(tables: Sequence[TextTable], arguments: argparse.Namespace) -> None:
    """Print tables to standard output, or to standard error where a report goes there."""
    from rich.table import Table
    from rich.text import Text

    from streamsep.commands.console import make_console

    console = make_console(arguments.quiet, to_stderr=arguments.json == "-")
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    for made in tables:
        table = Table(title=Text(made.title), caption=Text(made.caption))
        for k, heading in enumerate(made.headings):
            table.add_column(Text(heading), justify="left" if k < made.n_names else "right")
        for k, row in enumerate(made.rows):
            is_footer = k >= len(made.rows) - made.n_footers
            if is_footer and k == len(made.rows) - made.n_footers:
                table.add_section()
            table.add_row(*map(Text, row), style="bold" if is_footer else "")
        console.print(table)


def write(
    runs: Sequence[Run],
    tables: Sequence[TextTable],
    arguments: argparse.Namespace,
    players: Mapping[str, Sequence[Player]],
) -> None:
    """Write the reports that were asked for.

    Raises:
        AudioFileError: A file cannot be written.
    """
    from streamsep.commands.interrupt import deferred_interrupt
    from streamsep.commands.report import write_report
    from streamsep_offline.evaluation.box_plot import draw_box_plot, save_box_plot
    from streamsep_offline.evaluation.page import write_page
    from streamsep_offline.evaluation.run_file import report

    with deferred_interrupt():
        if arguments.json:
            write_report(arguments.json, report(runs))
        if arguments.plot:
            save_box_plot(arguments.plot, runs)
        if arguments.html:
            title = " / ".join(run.title for run in runs[:2])
            write_page(Path(arguments.html), title, tables, draw_box_plot(runs), players)
