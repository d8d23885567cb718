"""`streamsep models`: every preset with what decides between them, and sets that can be fetched."""

from __future__ import annotations

import argparse
import difflib
import sys
from typing import TYPE_CHECKING

from streamsep.commands import Command
from streamsep.errors import ParameterError

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep.commands.model_sources import ListedSet, ModelSource

_RATE = 44100
_EXIT_INTERRUPTED = 130  # as for every command; this one says what comes next


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    adder = parser.add_subparsers(dest="action", metavar="[get]")
    get = adder.add_parser(
        "get",
        help="fetch sets of models for files",
        description="Fetch sets of models, verify them, and keep them for `streamsep separate`. A "
        "download that was stopped goes on where it stopped.",
    )
    get.add_argument("names", nargs="+", metavar="NAME", help="as 'streamsep models' lists them")
    get.add_argument("--mirror", metavar="URL", help="fetch from here (STREAMSEP_MIRROR)")
    get.add_argument(
        "--offline",
        action="store_true",
        help="verify what is there, download nothing (STREAMSEP_OFFLINE=1)",
    )
    get.add_argument(
        "--accept-licence", action="store_true", help="accept a non-commercial licence unasked"
    )
    get.add_argument("--quiet", action="store_true", help="print errors only")


def _run(arguments: argparse.Namespace) -> int:
    if arguments.action == "get":
        return _get(arguments)
    return _list(arguments)


def _list(arguments: argparse.Namespace) -> int:
    import json

    sets = [s for source in _sources() for s in source.sets()]
    rows = [_describe(name, path) for name, path in sorted(_files().items())]
    if arguments.json:
        # A set is no preset, and whoever reads presets by name must not meet it under one.
        rows += [{"preset": None, "set": s.name, **_describe_set(s)} for s in sets]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return 0
    from rich.table import Table

    from streamsep.commands.console import make_console

    console = make_console(is_quiet=False, to_stderr=False)
    table = Table()
    for heading in ("preset", "stems", "profile", "latency", "size", "score", "licence"):
        table.add_column(heading, justify="right" if heading in ("latency", "size") else "left")
    for row in rows:
        if "error" in row:
            table.add_row(row["preset"], f"unusable: {row['error']}")
            continue
        for index, (profile, latency_ms) in enumerate(row["latency_ms"].items()):
            first = index == 0
            table.add_row(
                row["preset"] if first else "",
                ", ".join(row["stem_sets"]) if first else "",
                profile,
                "offline only" if latency_ms is None else f"{latency_ms:.1f} ms",
                f"{row['weights_mb']:.1f} MB" if first else "",
                row["score"] if first else "",
                row["licence"] if first else "",
            )
        table.add_section()
    console.print(table)
    for row in rows:
        console.print(f"{row['preset']}: {row.get('description') or row['path']}")
    console.print(
        f"latency: the most it can be at {_RATE / 1000:g} kHz; blocks of whole hops take a hop off; "
        "offline only: for 'streamsep separate'\n"
        "score: the way from doing nothing to the ideal ratio mask, mean over stems"
    )
    if sets:
        _print_sets(sets, console)
    return 0


def _print_sets(sets: list[ListedSet], console: Console) -> None:
    from rich.table import Table

    table = Table()
    for heading in ("set for files", "stems", "download", "licence", "fetched"):
        table.add_column(heading, justify="right" if heading == "download" else "left")
    for s in sets:
        fetched = "yes" if s.is_fetched else "no"
        table.add_row(s.name, ", ".join(s.targets), f"{s.megabytes} MB", s.licence, fetched)
    console.print(table)
    for s in sets:
        console.print(f"{s.name}: {s.description}")
    console.print("a set comes with 'streamsep models get NAME'")


def _describe_set(s: ListedSet) -> dict:
    return {
        "description": s.description,
        "stems": list(s.targets),
        "megabytes": s.megabytes,
        "licence": s.licence,
        "folder": s.folder,
        "is_fetched": s.is_fetched,
    }


def _get(arguments: argparse.Namespace) -> int:
    from streamsep.commands.console import make_console
    from streamsep.commands.model_sources import GetRequest

    sources = {s.name: source for source in _sources() for s in source.sets()}
    for name in arguments.names:
        if name not in sources:
            close = difflib.get_close_matches(name, sources, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            raise ParameterError(
                f"model set '{name}' is unknown; {hint}there are: {', '.join(sources) or 'none'}"
            )
    console = make_console(arguments.quiet, to_stderr=True)
    request = GetRequest(arguments.mirror, arguments.offline, arguments.accept_licence, console)
    for name in arguments.names:
        try:
            folder = sources[name].get(name, request)
        except KeyboardInterrupt:
            sys.stderr.write(f"streamsep: stopped; run again to go on with {name} from there\n")
            return _EXIT_INTERRUPTED
        console.print(f"{name}: verified, in {folder}")
    return 0


def _sources() -> list[ModelSource]:
    from streamsep.commands.model_sources import find_sources

    return find_sources()


def _files() -> dict:
    from streamsep.presets import preset_files

    return preset_files()


def _describe(name: str, path: object) -> dict:
    from streamsep.errors import StreamsepError
    from streamsep.presets import find_preset
    from streamsep.spec import find_profile
    from streamsep.units import samples_to_ms

    try:
        preset = find_preset(str(path))
        model = preset.load()
    except StreamsepError as error:
        return {"preset": name, "path": str(path), "error": str(error)}
    lengths = {p: find_profile(p).latency_samples(None) for p in preset.profiles}
    latency_ms = {p: round(samples_to_ms(n, _RATE), 2) for p, n in lengths.items()}
    return {
        "preset": name,
        "path": str(path),
        "description": preset.description,
        "stem_sets": list(preset.stem_sets),
        "is_offline": model.is_offline,
        "latency_ms": dict.fromkeys(latency_ms) if model.is_offline else latency_ms,
        "weights": model.n_weights,
        "weights_mb": sum(w.nbytes for w in model.weights.values()) / 1e6,
        "score": preset.score,
        "licence": preset.licence,
    }


command = Command(
    name="models",
    help="list the presets: stems, latency, size, score, licence; get sets for files",
    example="streamsep models get umxhq",
    add_arguments=_add_arguments,
    run=_run,
)
