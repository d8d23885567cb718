"""What a layout is: a way in which songs lie in a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import Song


@dataclass(frozen=True)
class Layout:
    """A way in which songs lie in a folder.

    Attributes:
        name: In settings and on the command line.
        help: One line.
        find: Songs of a folder that belong to a split; raises AudioFileError where there are none.
        fits: Whether a folder looks like this; None where only the user can tell.
        is_loose: Songs are single stems that do not belong together.
        window: How many training songs examples are drawn from at a time; None takes all.
    """

    name: str
    help: str
    find: Callable[[Path, str, DataSettings], list[Song]]
    fits: Callable[[Path], bool] | None = None
    is_loose: bool = False
    window: Callable[[Path, DataSettings], int | None] | None = None
