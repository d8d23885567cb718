"""Scores of an exported model on a list of songs: through the streaming engine, or as files are separated."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from streamsep import Separator
from streamsep.model import Model, load_model
from streamsep.presets import find_preset
from streamsep.spec import STEM_SETS
from streamsep_offline.data.song import Song, find_songs
from streamsep_offline.evaluation.excerpt import score_excerpt
from streamsep_offline.evaluation.live import score_live
from streamsep_offline.evaluation.offline import OfflineMethod
from streamsep_offline.evaluation.results import SongResult
from streamsep_offline.evaluation.summary import all_stems, by_stem
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.training.card import make_card
from streamsep_offline.training.ingredients import made_songs
from streamsep_offline.training.lists import SongList
from streamsep_offline.training.run import Run, best_task
from streamsep_offline.training.sources import MADE


def list_excerpts(
    songs: SongList, made: Path, samples: Path
) -> dict[str, list[tuple[Song, float, float | None]]]:
    """Songs of a list with the start and length of what is scored, by kind of music.

    Args:
        songs: The list.
        made: Folder of its made songs.
        samples: Folder of recorded songs.
    """
    kinds: dict[str, list[tuple[Song, float, float | None]]] = {}
    if songs.made:
        kinds["made"] = [(song, 0.0, None) for song in made_songs(songs, made)]
    for folder in songs.folders:
        for song in find_songs(samples / folder):
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


def score_files(
    folder: Path, excerpts: Iterable[tuple[Song, float, float | None]]
) -> list[SongResult]:
    """The same of a model that hears the future, as `streamsep separate` runs it.

    Args:
        folder: Of the model.
        excerpts: See `list_excerpts`.
    """
    estimate = OfflineMethod(SeparationSettings(model=str(folder.absolute()))).open()
    scores = [score_excerpt(estimate, song, start, length) for song, start, length in excerpts]
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


def score_list(run: Run, split: str) -> str:
    """Export the best weights to RUN/model, score them and `classic` on a list, write the table.

    `classic` is left out where it does not know the model's stems.

    Args:
        run: Whose recipe has lists of songs.
        split: "select" or "report"; looks at "report" are logged.

    Returns:
        The table, which is in RUN/scores-<split>.md, too.
    """
    assert run.recipe.songs is not None
    folder = run.folder / "model"
    task, seed, memory = best_task(run)
    task.export(folder, make_card(run, seed, memory))
    model = load_model(folder)
    ours: Callable[..., list[SongResult]] = partial(score_model, model, engine="compiled")
    if model.is_offline:
        ours = partial(score_files, folder)
    compared = [(run.recipe.name, ours)]
    for stem_set, stems in STEM_SETS.items():
        if stems == model.targets:
            classic = find_preset("classic", model.profile.name, stem_set).load()
            compared.insert(0, ("classic", partial(score_model, classic, engine="compiled")))
    if split == "report":
        weights = b"".join(model.weights[key].tobytes() for key in sorted(model.weights))
        digest = hashlib.sha256(weights).hexdigest()[:16]
        log_look(run.folder / "report-looks.log", run.recipe.name, digest)
    lines = list(TABLE_HEAD)
    kinds = list_excerpts(getattr(run.recipe.songs, split), run.work / MADE / split, run.data)
    for name, scored in compared:
        for kind, excerpts in kinds.items():
            lines += table_lines(name, kind, scored(excerpts=excerpts))
    text = "\n".join(lines) + "\n"
    (run.folder / f"scores-{split}.md").write_text(text, encoding="utf-8")
    return text


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
