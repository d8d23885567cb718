"""`Rack`: a chain in a stream of blocks, of a latency that is known, and no reason to stop the sound."""

from __future__ import annotations

import numpy as np

from streamsep.errors import BlockSizeError, ParameterError
from streamsep_bridge.rack.latency import Streamed, measure_latency

FADE = 64
"""Samples in which one source of the sound goes over into another."""


class Rack:
    """Blocks through a chain; where it fails, the sound goes on without it, as late as before.

    Args:
        board: A `Board`, a `Pedalboard`, or what is called as one; reset here and used by nobody else.
        sample_rate: In Hz.
        channels: Of the sound.
        block_size: Samples of every block.
        latency_samples: To be as late as others; at least what the chain needs. None is just that.

    Attributes:
        channels: Of the sound.
        latency_samples: By which the output lags behind the input.
        is_bypassed: Whether the unprocessed sound is heard; the chain listens on.
        trouble: Why the chain is left out until `resume`; "" while it works.

    Raises:
        ParameterError: The chain needs a larger latency.
        ChainError: It returns no sound.

    Latency: as declared. Thread: one. Allocates: yes. In place: own state.
    """

    def __init__(
        self,
        board: Streamed,
        sample_rate: int,
        channels: int = 2,
        block_size: int = 256,
        latency_samples: int | None = None,
    ) -> None:
        needed = measure_latency(board, sample_rate, channels, block_size)
        if latency_samples is not None and latency_samples < needed:
            raise ParameterError(
                f"latency_samples={latency_samples} is less than the {needed} that the chain needs"
            )
        self.latency_samples = needed if latency_samples is None else latency_samples
        self.channels, self.is_bypassed, self.trouble = channels, False, ""
        self._board, self._rate, self._n = board, sample_rate, block_size
        self._dry = np.zeros((channels, self.latency_samples), np.float32)
        self._last = np.zeros((channels, 1), np.float32)
        self._down = 1.0 - np.arange(1, FADE + 1, dtype=np.float32) / FADE
        self._is_wet = True
        self._begin()

    def process(self, block: np.ndarray) -> np.ndarray:
        """The next block.

        Args:
            block: float32 [channels, block_size], not changed.

        Returns:
            As much.

        Raises:
            BlockSizeError: It is no block of this size.
        """
        if block.shape != (len(self._dry), self._n):
            raise BlockSizeError(
                f"a block has shape {block.shape}; this rack takes [{len(self._dry)}, {self._n}]"
            )
        self._dry = np.concatenate([self._dry, block], axis=1)
        output, self._dry = self._dry[:, : self._n], self._dry[:, self._n :]
        wet = None if self.trouble else self._run(block)
        is_wet = wet is not None and not self.is_bypassed and self._n_early <= 0
        if is_wet:
            output = wet
        if is_wet != self._is_wet:  # goes on from the last sample that was heard
            m = min(FADE, self._n)
            output = output.copy()
            output[:, :m] += (self._last - output[:, :1]) * self._down[:m]
        self._is_wet, self._last = is_wet, output[:, -1:]
        self._n_early -= self._n
        return output

    def resume(self) -> None:
        """Let a chain that was left out try again, from silence."""
        self.trouble = ""
        self._board.reset()
        self._begin(self.latency_samples)

    def reset(self) -> None:
        """Forget all sound and all trouble."""
        self.resume()
        self._n_early, self._is_wet = 0, True
        self._dry[...] = self._last[...] = 0.0

    def _begin(self, n_early: int = 0) -> None:
        self._waiting = np.zeros((len(self._dry), self.latency_samples), np.float32)
        self._n_early = n_early

    def _run(self, block: np.ndarray) -> np.ndarray | None:
        try:
            returned = self._board(block, self._rate, buffer_size=self._n, reset=False)
        except Exception as error:  # whatever a plug-in may raise
            self.trouble = f"failed: {error}"
            return None
        if not np.isfinite(returned).all():
            self.trouble = "returned sound that is no number (NaN or infinite)"
            return None
        waiting = np.concatenate([self._waiting, returned], axis=1)
        if waiting.shape[1] < self._n:
            self.trouble = f"held back more than the {self.latency_samples} samples it had declared"
            return None
        self._waiting = waiting[:, self._n :]
        return waiting[:, : self._n]
