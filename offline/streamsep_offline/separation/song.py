"""A song on its way through the pipeline: opened, checked, sanitised, and cut into batches of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from streamsep.arrays import as_audio
from streamsep.engine.compiled.sanitise import sanitise
from streamsep.errors import ShapeError
from streamsep_offline.separation.blocks import Segment, segments
from streamsep_offline.separation.grid import Grid
from streamsep_offline.separation.groups import Group
from streamsep_offline.separation.source import OpenBlocks, Source

Progress = Callable[[float], None]
"""Told the seconds of the song that are done; whatever it raises ends the run."""


@dataclass(frozen=True)
class Song:
    """A song, its grid, and who hears it.

    Attributes:
        open_blocks: Opens it from its start.
        sample_rate: In Hz.
        channels: Count of channels.
        groups: Which channels are separated together.
        grid: Of the blocks and frames.
        source: Hears it.
    """

    open_blocks: OpenBlocks
    sample_rate: int
    channels: int
    groups: tuple[Group, ...]
    grid: Grid
    source: Source

    def batches(self, first_block: int = 0) -> Iterator[list[Segment]]:
        """Blocks as the source likes to hear them; a batch begins at multiples of its size.

        Args:
            first_block: A block of the first batch, which may begin earlier.

        Raises:
            ShapeError: The song is empty, or one of its blocks is not [channels, n].
        """
        size = self.source.batch
        blocks = self.segments(first_block // size * size, self.grid.before, self.grid.after)
        while batch := list(islice(blocks, size)):
            yield batch

    def seconds(self, segment: Segment) -> float:
        """Time of the song at the end of a block."""
        return (segment.index * self.grid.core + segment.n_valid) / self.sample_rate

    def segments(self, first_block: int, before: int, after: int) -> Iterator[Segment]:
        """The song, and what the source streams beside it, as blocks with their surroundings."""
        streams = self.source.streams(self._clean(), self.sample_rate, self.groups)
        return segments(streams, self.grid.core, before, after, first_block)

    def _clean(self) -> Iterator[np.ndarray]:
        """The song from its start, finite and in range, in arrays of our own."""
        n_samples = 0
        for block in self.open_blocks():
            block = as_audio(block)
            if block.shape[0] != self.channels:
                raise ShapeError(
                    f"a block of shape {block.shape} has {block.shape[0]} channels, the song has "
                    f"{self.channels}; every block must be [{self.channels}, samples]"
                )
            n_samples += block.shape[1]
            clean = np.empty_like(block)
            sanitise(block, clean)
            yield clean
        if not n_samples:
            raise ShapeError("the song is empty; there is nothing to separate in 0 samples")
