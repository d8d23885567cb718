"""Files that appear whole or not at all, whenever the process is killed or the power goes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any


@contextlib.contextmanager
def whole_file(path: Path, mode: str = "w", **options: Any) -> Iterator[IO[Any]]:
    """A file to write that takes the place of `path` at the end of the block.

    An exception leaves what was there. A run has one writer, so what a killed one left half-written is
    written over by the next.

    Args:
        path: Of the file; its folder is made.
        mode: "w" or "wb".
        options: Of `open`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open(mode, **options) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())  # a machine that loses power keeps the old one or has the new
    unfinished.replace(path)
