"""What became of every song: a line, a row of a table, an entry of the JSON report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamsep.units import gain_to_db

if TYPE_CHECKING:
    from rich.table import Table

    from streamsep_offline.files.file import FileResult


def describe(result: FileResult) -> str:
    """One line about a song."""
    if result.status == "failed":
        return f"streamsep: {result.message}"
    place = _place(result.outputs)
    if result.status == "skipped":
        return f"{result.source}: kept what is in {place}; --overwrite replaces it"
    if result.status == "stopped":
        return f"{result.source}: stopped"
    notes = [f"{result.duration_s:.1f} s at {result.speed:.1f} x real time"]
    if result.resumed_s:
        notes.append(f"went on from {result.resumed_s:.1f} s")
    if result.gain != 1.0:
        notes.append(f"all stems turned down by {-gain_to_db(result.gain):.2f} dB against clipping")
    if result.n_clipped:
        notes.append(f"{result.n_clipped} samples clipped")
    return f"{result.source}: {place} ({', '.join(notes)})"


def _place(outputs: Sequence[Path]) -> str:
    return str(outputs[0]) if len(outputs) == 1 else str(outputs[0].parent)


def results_table(results: Sequence[FileResult]) -> Table:
    """All songs in one table, and their sum."""
    from rich.table import Table

    table = Table()
    table.add_column("song")
    table.add_column("status")
    for heading in ("length s", "took s", "x real time"):
        table.add_column(heading, justify="right")
    for result in results:
        figures = ("", "", "")
        if result.status == "done":
            figures = (f"{result.duration_s:.1f}", f"{result.took_s:.1f}", f"{result.speed:.1f}")
        table.add_row(str(result.source), result.status, *figures)
    table.add_section()
    done = [result for result in results if result.status == "done"]
    length_s, took_s = sum(r.duration_s for r in done), sum(r.took_s for r in done)
    table.add_row(f"{len(results)} songs", counts(results), f"{length_s:.1f}", f"{took_s:.1f}", "")
    return table


def counts(results: Sequence[FileResult]) -> str:
    """How many of each status, "9 done, 1 failed"."""
    found = Counter(result.status for result in results)
    return ", ".join(f"{n} {status}" for status, n in found.items())


def report(results: Sequence[FileResult], model: str, stems: Sequence[str]) -> dict[str, Any]:
    """The JSON report."""
    from streamsep.commands.session import versions

    return {
        "model": model,
        "stems": list(stems),
        "counts": dict(Counter(result.status for result in results)),
        "songs": [_entry(result) for result in results],
        "versions": versions(),
    }


def _entry(result: FileResult) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": str(result.source), "status": result.status}
    if result.message:
        entry["message"] = result.message
    if result.outputs:
        entry["outputs"] = [str(path) for path in result.outputs]
    if result.status == "done":
        entry |= {
            "duration_s": round(result.duration_s, 4),
            "took_s": round(result.took_s, 3),
            "times_real_time": round(result.speed, 2),
            "resumed_at_s": round(result.resumed_s, 4),
            "sample_rate_hz": result.sample_rate,
            "bits": result.bits,
            "gain_db": round(gain_to_db(result.gain), 3),
            "clipped": result.n_clipped,
        }
    return entry
