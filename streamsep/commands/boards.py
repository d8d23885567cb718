"""Boards of plug-ins that another package builds, found by the entry-point group `streamsep.boards`.

To offer one: name a function `load(chain) -> Board` in `pyproject.toml`; it imports nothing heavy before
it is called.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from streamsep.errors import EngineError

if TYPE_CHECKING:
    from streamsep.boards import Board

GROUP = "streamsep.boards"
"""Entry-point group in which packages name what loads a chain."""


def load_board(chain: str) -> Board:
    """A board by the name or path of its chain, for a stream.

    Raises:
        EngineError: No installed package has boards.
        StreamsepError: The chain is damaged, or needs what is not there.
    """
    for entry in entry_points(group=GROUP):
        return entry.load()(chain)
    raise EngineError(
        f"chain {chain}: no package for plug-ins is installed; install streamsep anew"
    )
