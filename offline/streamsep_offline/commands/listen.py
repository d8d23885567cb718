"""`streamsep listen`: clips of songs and what models make of them, side by side, as one HTML page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.commands import Command
from streamsep.commands.options import positive_int, positive_seconds, seconds
from streamsep.errors import AudioFileError, ParameterError, StreamsepError
from streamsep_offline.commands.evaluate_options import add_data_options

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep_offline.evaluation.clips import Clip
    from streamsep_offline.evaluation.method import Method
    from streamsep_offline.evaluation.songs import KindSong

EXIT_SOME_FAILED, EXIT_INTERRUPTED = 1, 130
_MAIL_MB = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command; imports nothing heavy."""
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="as for 'streamsep evaluate': preset's name or JSON file (classic-2stems-tight), model "
        "folder, Open-Unmix set or folder, .onnx file, or folder of estimates",
    )
    songs = add_data_options(parser)
    songs.add_argument(
        "--songs",
        type=positive_int,
        default=3,
        metavar="N",
        help="the first N, a clip of each (%(default)s)",
    )
    songs.add_argument(
        "--start", type=seconds, metavar="S", help="of the clips (where most stems sound)"
    )
    songs.add_argument(
        "--duration",
        type=positive_seconds,
        default=10.0,
        metavar="S",
        help="of a clip (%(default)g)",
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the page, .html; replaced"
    )
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def run(arguments: argparse.Namespace) -> int:
    """Separate clips and write the page.

    Returns:
        0 done, 1 some songs failed, 130 stopped by Ctrl-C, which leaves no page.

    Raises:
        StreamsepError: Nothing could be begun, or there is no clip to hear.
    """
    from streamsep.commands.console import make_console
    from streamsep.commands.interrupt import deferred_interrupt
    from streamsep_offline.evaluation.listening_page import expected_bytes, write_listening_page
    from streamsep_offline.evaluation.songs import open_songs

    _check(arguments)
    methods, titles = _methods(arguments)
    songs = open_songs(arguments.data, arguments.split, arguments.layout, arguments.kinds)
    songs = songs[: arguments.songs]
    console = make_console(arguments.quiet, to_stderr=True)
    n_sources = sum(1 + len(item.song.stems) * (1 + len(methods)) for item in songs)
    expected_mb = expected_bytes(n_sources, arguments.duration) / 1e6
    console.print(f"{_clips_of(songs)}; the page will weigh about {expected_mb:.0f} MB")
    failures: list[str] = []
    try:
        clips = _clips(console, methods, songs, arguments, failures)
        if not clips:
            raise AudioFileError(f"none of {len(songs)} songs can be heard: {failures[0]}")
    except KeyboardInterrupt:
        sys.stderr.write("streamsep: stopped; no page was written\n")
        return EXIT_INTERRUPTED
    with deferred_interrupt():
        n_bytes = write_listening_page(Path(arguments.output), titles, clips)
    for line in failures:
        sys.stderr.write(f"streamsep: {line}\n")
    console.print(
        f"{arguments.output}: {n_bytes / 1e6:.1f} MB, {len(clips)} clips; open in a browser"
    )
    if n_bytes > _MAIL_MB * 1e6:
        console.print(
            f"that is more than mail takes, {_MAIL_MB:.0f} MB; a smaller --songs or --duration helps"
        )
    return EXIT_SOME_FAILED if failures else 0


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what could not be written or heard, before songs are separated."""
    from streamsep.commands.outputs import check_writable
    from streamsep.plot import require_matplotlib

    if arguments.data is None:
        raise ParameterError(
            "--data is missing: name the folder of songs, as in 'streamsep listen classic --data DIR "
            "-o page.html'"
        )
    if Path(arguments.output).suffix.lower() not in (".html", ".htm"):
        raise ParameterError(f"-o {arguments.output} is no page; name a .html file")
    check_writable(arguments.output, "page")
    require_matplotlib()


def _methods(arguments: argparse.Namespace) -> tuple[list[Method], list[str]]:
    """The models, and names that tell them apart."""
    from streamsep_offline.evaluation.choose import Wish, choose_method

    for model in arguments.models:
        if arguments.models.count(model) > 1:
            raise ParameterError(f"{model} is named twice; once is enough to hear it")
    methods = [choose_method(model, Wish(), arguments.split) for model in arguments.models]
    titles = [method.title for method in methods]
    return methods, [
        title if titles.count(title) == 1 else f"{title} ({model})"
        for title, model in zip(titles, arguments.models, strict=True)
    ]


def _clips(
    console: Console,
    methods: Sequence[Method],
    songs: Sequence[KindSong],
    arguments: argparse.Namespace,
    failures: list[str],
) -> list[Clip]:
    """Clips of the songs that can be heard; failures are added to."""
    from rich.progress import Progress

    from streamsep_offline.evaluation.clips import make_clip

    estimates = [method.open() for method in methods]
    clips: list[Clip] = []
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("clips", total=len(songs) * len(methods))
        for number, item in enumerate(songs, 1):
            try:
                clips.append(
                    make_clip(
                        item,
                        estimates,
                        arguments.start,
                        arguments.duration,
                        done=lambda: progress.advance(bar),
                    )
                )
            except StreamsepError as error:
                failures.append(f"{item.name}: {error}")
            progress.update(bar, completed=number * len(methods))
            if not console.is_terminal:
                console.print(f"{number} of {len(songs)} clips")
    return clips


def _clips_of(things: Sequence[object]) -> str:
    return f"{len(things)} clip{'s' if len(things) > 1 else ''}"


command = Command(
    name="listen",
    help="hear and see what models make of songs, as one HTML page",
    example="streamsep listen classic 4stems-stage --data my-songs -o page.html",
    add_arguments=add_arguments,
    run=run,
)
