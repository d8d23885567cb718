"""Sets of models that other packages can fetch, found by the entry-point group `streamsep.model_sources`.

To add one: write a module with an object `source = ModelSource(...)` and name it in `pyproject.toml`. It
imports nothing heavy, since `streamsep models` loads every source.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

GROUP = "streamsep.model_sources"
"""Entry-point group in which packages name their sources."""


@dataclass(frozen=True)
class ListedSet:
    """A set of models, as the table shows it.

    Attributes:
        name: What users type.
        description: One line for people.
        targets: Stems that it separates.
        megabytes: Size of its download.
        licence: Of its weights.
        folder: Where it is or would be.
        is_fetched: Whether it is there.
    """

    name: str
    description: str
    targets: tuple[str, ...]
    megabytes: int
    licence: str
    folder: str
    is_fetched: bool


@dataclass(frozen=True)
class GetRequest:
    """How a set is to be fetched.

    Attributes:
        mirror: Address to fetch from; None is where the set was published.
        is_offline: Verify what is there, download nothing.
        accepts_licence: Whether the licence was accepted on the command line.
        console: Where to say what happens.
    """

    mirror: str | None
    is_offline: bool
    accepts_licence: bool
    console: Console


@dataclass(frozen=True)
class ModelSource:
    """Where sets come from.

    Attributes:
        name: Of the source.
        sets: Lists its sets.
        get: Fetches a set by name and returns its folder; raises `StreamsepError`s.
    """

    name: str
    sets: Callable[[], list[ListedSet]]
    get: Callable[[str, GetRequest], str]


def find_sources() -> list[ModelSource]:
    """Every installed source, by name; one that cannot be imported offers nothing."""
    found = []
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        with contextlib.suppress(ImportError):
            found.append(entry.load())
    return found
