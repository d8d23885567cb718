"""Scores of an exported model on a list of songs, through the streaming engine."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from streamsep import Separator
from streamsep.model import Model
from streamsep_offline.data.song import Song, find_songs
from streamsep_offline.evaluation.live import score_live
from streamsep_offline.evaluation.results import SongResult
from streamsep_offline.evaluation.summary import all_stems, by_stem
from streamsep_offline.training.recipe import Lists


def list_excerpts(
    songs: Lists, made: Path, samples: Path
) -> dict[str, list[tuple[Song, float, float | None]]]:
    """Songs of a list with the start and length of what is scored, by kind of music.

    Args:
        songs: The list.
        made: Folder of its made songs.
        samples: Folder of recorded songs.
    """
    kinds: dict[str, list[tuple[Song, float, float | None]]] = {}
    if songs.made:
        kinds["made"] = [(song, 0.0, None) for song in list(find_songs(made))[: songs.made]]
    for folder in songs.folders:
        (song,) = find_songs(samples / folder)
        kinds[song.name] = [(song, start, length) for start, length in songs.excerpts_s]
    return kinds


def score_model(
    model: Model, excerpts: Iterable[tuple[Song, float, float | None]], engine: str
) -> list[SongResult]:
    """Scores of every excerpt; those in which nothing sounds are left out.

    Args:
        model: Exported.
        excerpts: See `list_excerpts`.
        engine: "compiled" or "torch".
    """
    separator = Separator(model, engine=engine)
    scores = [score_live(separator, song, start, length) for song, start, length in excerpts]
    return [score for score in scores if score.stems]


def table_lines(name: str, kind: str, scores: Sequence[SongResult]) -> list[str]:
    """Rows of a Markdown table: doing nothing, the model and the ideal mask, and the share closed."""
    means = by_stem(scores)
    lines = []
    for mean in means:
        scale = (mean.figures[key] for key in ("nothing_db", "sdr_db", "ideal_db"))
        numbers = " | ".join(f"{x:.2f}" for x in scale)
        lines.append(
            f"| {kind} | {name} | {mean.stem} | {numbers} | {100 * mean.share_closed:.1f} |"
        )
    return [*lines, f"| {kind} | {name} | mean | | | | {100 * all_stems(means).share_closed:.1f} |"]


TABLE_HEAD = (
    "| music | model | stem | doing nothing dB | estimate dB | ideal mask dB | share closed % |",
    "|---|---|---|---|---|---|---|",
)
"""Head of the table whose rows `table_lines` makes."""


def log_look(path: Path, model_name: str, digest: str) -> None:
    """Append a line for a look at the report list: too many looks and its figures are optimistic."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{now} {model_name} {digest}\n")
