"""Runs as JSON, for people, for `--compare`, for programs; `docs/evaluation.md` names the fields."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from streamsep import __version__
from streamsep.errors import ParameterError
from streamsep_offline.evaluation.checks_summary import CheckAverage, checks_by_kind, checks_by_stem
from streamsep_offline.evaluation.figures import FIGURES
from streamsep_offline.evaluation.results import Run, SongResult, StemResult, share
from streamsep_offline.evaluation.summary import by_stem

FORMAT = "streamsep-evaluation"
FORMAT_VERSION = 1
"""Version of the reports; a reader refuses any other."""


def report(runs: Sequence[Run]) -> dict[str, Any]:
    """Runs as JSON values; what is not defined is null."""
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "streamsep": __version__,
        "runs": [
            {
                "title": run.title,
                "settings": dict(run.settings),
                "metrics": list(run.metrics),
                "is_complete": run.is_complete,
                "summary": [
                    {"stem": s.stem, "n_songs": s.n_songs, **_figures(s.figures)}
                    for s in by_stem(run.songs)
                ],
                "checks": {
                    "names": list(run.checks),
                    "stems": _averages(checks_by_stem(run.songs)),
                    "kinds": {
                        kind: _averages(averages)
                        for kind, averages in checks_by_kind(run.songs).items()
                        if averages
                    },
                },
                "songs": [
                    {
                        "song": song.song,
                        "kind": song.kind,
                        "seconds": round(song.seconds, 3),
                        "stems": [{"stem": s.stem, **_figures(s.figures)} for s in song.stems],
                        "checks": [
                            {"stem": stem, **_values(found)} for stem, found in song.checks.items()
                        ],
                    }
                    for song in run.songs
                ],
            }
            for run in runs
        ],
    }


def _figures(figures: Mapping[str, float]) -> dict[str, float | None]:
    return _values({**figures, "share_closed": share(figures)})


def _averages(averages: Sequence[CheckAverage]) -> list[dict[str, Any]]:
    return [{"stem": a.stem, "n_songs": a.n_songs, **_values(a.figures)} for a in averages]


def _values(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {key: round(x, 5) if math.isfinite(x) else None for key, x in figures.items()}


def read_runs(path: Path) -> list[Run]:
    """Runs of a report, without BSSEval by second, which reports leave to museval's files.

    Raises:
        ParameterError: It is no such report.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"{path} is no readable report ({error}); write one with --json"
        ) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ParameterError(f"{path} is no report of 'streamsep evaluate'; write one with --json")
    if data.get("version") != FORMAT_VERSION:
        raise ParameterError(
            f"{path} has version {data.get('version')}, this program reads {FORMAT_VERSION}; "
            "evaluate again"
        )
    try:
        return [_run(item) for item in data["runs"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ParameterError(f"{path} is damaged ({error!r}); evaluate again") from error


def _run(item: Mapping[str, Any]) -> Run:
    songs = (
        SongResult(
            song["song"],
            song["kind"],
            song["seconds"],
            tuple(
                StemResult(
                    stem["stem"],
                    _numbers({key: stem[key] for key in FIGURES if key in stem}),
                )
                for stem in song["stems"]
            ),
            {
                found["stem"]: _numbers({k: x for k, x in found.items() if k != "stem"})
                for found in song.get("checks", ())
            },
        )
        for song in item["songs"]
    )
    return Run(
        item["title"],
        dict(item["settings"]),
        tuple(item["metrics"]),
        tuple(songs),
        item["is_complete"],
        tuple(item.get("checks", {}).get("names", ())),
    )


def _numbers(values: Mapping[str, float | None]) -> dict[str, float]:
    return {key: math.nan if x is None else float(x) for key, x in values.items()}
