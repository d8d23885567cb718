"""`streamsep models`: every preset with what decides between them."""

from __future__ import annotations

import argparse
import sys

from streamsep.commands import Command

_RATE = 44100


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _run(arguments: argparse.Namespace) -> int:
    import json

    rows = [_describe(name, path) for name, path in sorted(_files().items())]
    if arguments.json:
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
                f"{latency_ms:.1f} ms",
                f"{row['weights_mb']:.1f} MB" if first else "",
                row["score"] if first else "",
                row["licence"] if first else "",
            )
        table.add_section()
    console.print(table)
    for row in rows:
        console.print(f"{row['preset']}: {row.get('description') or row['path']}")
    console.print(
        f"latency: the most it can be at {_RATE / 1000:g} kHz; blocks of whole hops take a hop off\n"
        "score: the way from doing nothing to the ideal ratio mask, mean over stems"
    )
    return 0


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
    return {
        "preset": name,
        "path": str(path),
        "description": preset.description,
        "stem_sets": list(preset.stem_sets),
        "latency_ms": {p: round(samples_to_ms(n, _RATE), 2) for p, n in lengths.items()},
        "weights": model.n_weights,
        "weights_mb": sum(w.nbytes for w in model.weights.values()) / 1e6,
        "score": preset.score,
        "licence": preset.licence,
    }


command = Command(
    name="models",
    help="list the presets: stems, latency, size, score, licence",
    example="streamsep models",
    add_arguments=_add_arguments,
    run=_run,
)
