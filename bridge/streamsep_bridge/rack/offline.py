"""Boards for commands that write files; named in the entry-point group `streamsep.boards`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsep_bridge.rack.board import Board


def load_board(chain: str) -> Board:
    """A chain by name or path, at work on a stream.

    Raises:
        ChainError: It is damaged, or cannot be streamed.
        MissingExtraError: pedalboard is not installed.
    """
    from streamsep_bridge.rack.board import Board
    from streamsep_bridge.rack.chain import find_chain

    found = find_chain(chain)
    found.check_streams()
    return Board(found)
