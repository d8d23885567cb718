"""Scores of an exported model on a list of songs, through the streaming engine."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from streamsep import Separator
from streamsep.model import Model
from streamsep_offline.data.song import Song, find_songs
from streamsep_offline.evaluation import SongScore, evaluate_song, mean_by_stem, share_closed
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
) -> list[SongScore]:
    """Scores of every excerpt; those in which nothing sounds are left out.

    Args:
        model: Exported.
        excerpts: See `list_excerpts`.
        engine: "compiled" or "torch".
    """
    separator = Separator(model, engine=engine)
    scores = [evaluate_song(separator, song, start, length) for song, start, length in excerpts]
    return [score for score in scores if score.stems]


def table_lines(name: str, kind: str, scores: Sequence[SongScore]) -> list[str]:
    """Rows of a Markdown table: doing nothing, the model and the ideal mask, and the share closed."""
    means = mean_by_stem(scores)
    lines = []
    for mean in means:
        share = f"{100 * mean.share_closed:.1f}"
        numbers = f"{mean.nothing_db:.2f} | {mean.estimate_db:.2f} | {mean.ideal_db:.2f} | {share}"
        lines.append(f"| {kind} | {name} | {mean.stem} | {numbers} |")
    return [*lines, f"| {kind} | {name} | mean | | | | {100 * share_closed(means):.1f} |"]


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
