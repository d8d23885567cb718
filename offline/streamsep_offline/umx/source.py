"""What `streamsep models` and `streamsep models get` know of the published Open-Unmix sets."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.commands.model_sources import GetRequest, ListedSet, ModelSource
from streamsep.errors import ParameterError
from streamsep_offline.umx.digests import Record
from streamsep_offline.umx.fetch import FetchOptions, Progress, fetch_set, is_fetched, models_folder
from streamsep_offline.umx.registry import SETS, ModelSet, find_set

if TYPE_CHECKING:
    from rich.progress import TaskID


def _sets() -> list[ListedSet]:
    return [
        ListedSet(
            name=s.name,
            description=s.description,
            targets=s.targets,
            megabytes=s.megabytes,
            licence=s.licence,
            folder=str(models_folder() / s.name),
            is_fetched=is_fetched(s, models_folder() / s.name),
        )
        for s in SETS.values()
    ]


def _get(name: str, request: GetRequest) -> str:
    model_set, folder = find_set(name), models_folder() / name
    options = FetchOptions.of_environment(request.mirror, request.is_offline)
    request.console.print(
        f"{name}: {model_set.description}; licence {model_set.licence} ({model_set.licence_address})"
    )
    if not model_set.is_commercial:
        _ask_licence(model_set, folder, request)
    with _bars(request) as progress:
        fetch_set(model_set, folder, options, progress)
    return str(folder)


def _ask_licence(model_set: ModelSet, folder: Path, request: GetRequest) -> None:
    """Show the licence of a non-commercial set, once, and note that it was accepted.

    Raises:
        ParameterError: It was not, or there is nobody to ask.
    """
    record = Record.read(folder, model_set.name)
    if record.accepted == model_set.licence:
        return
    if not request.accepts_licence:
        terms = f"{model_set.licence}, {model_set.licence_address}"
        if not sys.stdin.isatty():
            raise ParameterError(
                f"'{model_set.name}' is for non-commercial use only ({terms}); read the licence, and "
                "run again with --accept-licence if you accept it"
            )
        request.console.print(
            "Its weights, and what is made with them, are not for commercial use; who passes on "
            "changed weights does so under the same licence."
        )
        if request.console.input("Do you accept the licence? [yes/no] ").strip() != "yes":
            raise ParameterError(f"the licence of '{model_set.name}' was not accepted: not fetched")
    record.accepted = model_set.licence
    folder.mkdir(parents=True, exist_ok=True)
    record.write(folder)


@contextlib.contextmanager
def _bars(request: GetRequest) -> Iterator[Progress]:
    """A bar per file in a terminal, nothing elsewhere."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    console = request.console
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=total)

        yield progress


source = ModelSource(name="umx", sets=_sets, get=_get)
