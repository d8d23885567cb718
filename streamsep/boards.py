"""Effects on stems, held together in time: whatever is called as a pedalboard `Pedalboard` is a board.

In a stream a board returns fewer samples at first where it has latency; what it returns is aligned with its
input. So stems with and without boards are kept until all have come: nothing has to be declared or measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from streamsep.errors import ParameterError, ShapeError

LONGEST_FLUSH_S = 10.0
"""A board that still holds samples back after so much silence has lost them."""


class Board(Protocol):
    """A chain of effects; `pedalboard.Pedalboard` is one."""

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = ..., reset: bool = ...
    ) -> np.ndarray:
        """Process float32 [channels, n]; with `reset=False` fewer samples may come back at first."""

    def reset(self) -> None:
        """Forget all sound."""


class AlignedBoards:
    """Several sounds, each through a board or none, out again together.

    Latency: none where whole sounds are given, else of the slowest board, by fewer samples at first.
    Thread: one. Allocates: yes. In place: own state.
    """

    def __init__(self) -> None:
        self._boards: list[Board | None] = []
        self._given: list[np.ndarray] = []
        self._returned: list[list[np.ndarray]] = []
        self._piece = 0

    def run(
        self,
        sounds: np.ndarray,
        boards: Sequence[Board | None],
        sample_rate: int,
        buffer_size: int,
        reset: bool,
    ) -> np.ndarray:
        """The next samples, or a whole sound.

        Args:
            sounds: float32 [sounds, channels, n].
            boards: For each of them.
            sample_rate: In Hz.
            buffer_size: For the boards.
            reset: Whether the sound begins and ends here.

        Returns:
            float32 [sounds, channels, m]; m is n for a whole sound.

        Raises:
            ParameterError: The boards are not those that the stream began with.
            ShapeError: A board returned something of another shape.
        """
        n = sounds.shape[-1]
        if reset or self._piece == 0:
            self._begin(sounds, boards, 0 if reset else min(n, buffer_size))
        elif any(new is not old for new, old in zip(boards, self._boards, strict=True)):
            raise ParameterError(
                "boards were exchanged in the middle of a stream; begin a new one with reset=True, or "
                "change the board's own effects"
            )
        for i, (sound, board) in enumerate(zip(sounds, boards, strict=True)):
            if board is None:
                self._returned[i].append(sound)
            elif reset:
                self._returned[i].append(_call(board, sound, sample_rate, buffer_size, True))
            else:
                self._stream(i, board, sound, sample_rate)
        return self._take_ready()

    def _begin(self, sounds: np.ndarray, boards: Sequence[Board | None], piece: int) -> None:
        nothing = np.zeros((sounds.shape[1], 0), np.float32)
        self._boards, self._piece = list(boards), piece
        self._given = [nothing for _ in boards]
        self._returned = [[nothing] for _ in boards]
        if piece:
            for board in filter(None, boards):
                board.reset()

    def _stream(self, i: int, board: Board, sound: np.ndarray, sample_rate: int) -> None:
        """Pieces of one size only: pedalboard begins anew when a larger one comes."""
        given, n = np.concatenate([self._given[i], sound], axis=1), self._piece
        while n and given.shape[1] >= n:
            self._returned[i].append(_call(board, given[:, :n], sample_rate, n, False))
            given = given[:, n:]
        self._given[i] = given

    def _take_ready(self) -> np.ndarray:
        """What has come of all of them."""
        rows = [np.concatenate(parts, axis=1) for parts in self._returned]
        m = min(row.shape[1] for row in rows)
        self._returned = [[row[:, m:]] for row in rows]
        return np.stack([row[:, :m] for row in rows])


def _call(
    board: Board, sound: np.ndarray, sample_rate: int, buffer_size: int, reset: bool
) -> np.ndarray:
    heard = np.asarray(board(sound, sample_rate, buffer_size=buffer_size, reset=reset), np.float32)
    is_whole = not reset or heard.shape[-1:] == sound.shape[-1:]
    if heard.ndim != 2 or len(heard) != len(sound) or not is_whole:
        raise ShapeError(
            f"{board!r} returned shape {heard.shape} for {sound.shape}; a board returns "
            "[channels, samples]"
        )
    return heard
