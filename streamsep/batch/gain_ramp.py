"""Gains of stems that never click: every change is a straight line over one hop."""

from __future__ import annotations

import numpy as np

from streamsep.errors import ParameterError
from streamsep.mixer import MAX_GAIN


class GainRamp:
    """Gains of one stream.

    Args:
        n_stems: Number of stems.
        length: Samples in which a change arrives.

    Latency: 0. Thread: the stream's client. Allocates: little. In place: own state.
    """

    def __init__(self, n_stems: int, length: int) -> None:
        self._length, self._left = length, 0
        self._from = self._to = np.ones(n_stems, np.float32)
        self._gains: np.ndarray | None = None

    @property
    def gains(self) -> np.ndarray | None:
        """Where the gains are going, [stems]; None leaves the stems as they are."""
        return None if self._gains is None else self._gains.copy()

    @gains.setter
    def gains(self, gains: np.ndarray | None) -> None:
        n_stems = len(self._to)
        target = np.ones(n_stems, np.float32) if gains is None else np.array(gains, np.float32)
        if target.shape != (n_stems,):
            raise ParameterError(
                f"gains of shape {target.shape}: give one for each of the {n_stems} stems"
            )
        if not ((target >= 0.0) & (target <= MAX_GAIN)).all():  # also false for NaN
            raise ParameterError(f"gains {target.tolist()} are not all within 0 to {MAX_GAIN:g}")
        self._gains = None if gains is None else target
        self._from, self._to, self._left = self._at(np.full(1, self._left)), target, self._length

    def finish(self) -> None:
        """Be where the gains are going."""
        self._left = 0

    def apply(self, stems: np.ndarray) -> None:
        """Multiply the next samples of all stems, in place. float32 [stems, channels, n]"""
        n = min(self._left, stems.shape[-1])
        if n:
            left = np.arange(self._left - 1, self._left - 1 - n, -1)
            stems[..., :n] *= self._at(left[:, None]).T[:, None]
            self._left -= n
        if self._gains is not None:
            stems[..., n:] *= self._to[:, None, None]

    def _at(self, left: np.ndarray) -> np.ndarray:
        """Gains when so many samples are left of the ramp."""
        share = left.astype(np.float32) / np.float32(self._length)
        return self._to + (self._from - self._to) * share
