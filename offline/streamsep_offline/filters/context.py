"""Directions of the sources over a whole song, gathered block by block: the first of two passes.

A block alone may hold too little of a source to tell where it comes from. Only sum_t y y^H of every
target and bin is kept, so memory does not grow with the song.
"""

from __future__ import annotations

import numpy as np

from streamsep.errors import ParameterError, ShapeError
from streamsep_offline.filters.arrays import Array, check_estimates, check_magnitudes
from streamsep_offline.filters.refine import Start, measure


class SpatialStatistics:
    """Sums over all frames that were added; give it to `wiener` in the next pass.

    Blocks that overlap must be cut to their cores first, else frames count twice.
    """

    def __init__(self) -> None:
        self._outer: np.ndarray | None = None

    def add(self, magnitudes: Array, mixture: Array, softmask: bool = False) -> None:
        """Add the frames of a block, from the start that `wiener` would make of it.

        Raises:
            ShapeError: Shapes do not fit each other, or those of the blocks before.
        """
        check_magnitudes(magnitudes, mixture)
        self._add(measure(Start(magnitudes, softmask), mixture))

    def add_estimates(self, estimates: Array, mixture: Array) -> None:
        """Add the frames of a block from estimates, for a third pass: `wiener` in the second made them.

        Raises:
            ShapeError: Shapes do not fit each other, or those of the blocks before.
        """
        check_estimates(estimates, mixture)
        self._add(measure(Start(estimates=estimates), mixture))

    def _add(self, outer: np.ndarray) -> None:
        if self._outer is not None and self._outer.shape != outer.shape:
            raise ShapeError(
                f"a block of targets, bins, channels {outer.shape[:3]} after others of "
                f"{self._outer.shape[:3]}; use new statistics for another song or model"
            )
        self._outer = outer if self._outer is None else self._outer + outer

    def outer_products(self, n_targets: int, n_channels: int, n_bins: int) -> np.ndarray:
        """Sums of y y^H, complex128. [targets, bins, channels, channels]

        Raises:
            ParameterError: Nothing was added.
            ShapeError: They are of other counts.
        """
        if self._outer is None:
            raise ParameterError("statistics without any frame; add the song's blocks first")
        if self._outer.shape[:3] != (n_targets, n_bins, n_channels):
            raise ShapeError(
                f"statistics of targets, bins, channels {self._outer.shape[:3]} do not fit "
                f"{(n_targets, n_bins, n_channels)}; gather them with the same model and song"
            )
        return self._outer
