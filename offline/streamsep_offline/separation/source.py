"""What the pipeline needs from a model, be it a spectrogram network or a preset.

A source hears the song (alone, or beside what it streams itself) and shows each block as *views*: the
spectra of a group of channels and the magnitudes that it believes the targets to have there. The filter
turns a view into estimates, and the source makes sound of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from streamsep_offline.separation.blocks import Segment
from streamsep_offline.separation.grid import Grid
from streamsep_offline.separation.groups import Group

OpenBlocks = Callable[[], Iterator[np.ndarray]]
"""Opens a song from its start: float32 [channels, n] in blocks of any n. Called once per pass."""


@dataclass(frozen=True)
class View:
    """One group of channels in one block.

    Attributes:
        block: Position of the block in the batch that was asked about.
        group: The channels.
        spectra: Of the mixture, numpy or torch. complex64 [channels, bins, frames]
        magnitudes: Of the targets, >= 0, like the spectra. float32 [targets, channels or 1, bins, frames]
        own: Frames that no other block counts as its own.
        weight: Share of the view in its block: 1 / count of shifts.
        position: What the source wants to know again when it makes sound.
    """

    block: int
    group: Group
    spectra: Any
    magnitudes: Any
    own: slice
    weight: float
    position: Any


class Source(Protocol):
    """A model at work.

    Attributes:
        available: Targets that the model has.
        targets: Targets that it estimates here, order of the targets axis.
        batch: Blocks that it likes to be asked about at once.
    """

    available: tuple[str, ...]
    targets: tuple[str, ...]
    batch: int

    def grid(self, sample_rate: int) -> Grid:
        """The grid of a song of that rate."""

    def streams(
        self, pieces: Iterable[np.ndarray], sample_rate: int, groups: Sequence[Group]
    ) -> Iterator[np.ndarray]:
        """The song in row 0, and what the source streams beside it in further rows. [rows, channels, n]."""

    def views(
        self, batch: Sequence[Segment], grid: Grid, groups: Sequence[Group]
    ) -> Iterator[View]:
        """Views of a batch of blocks: every group of every block, once for each shift."""

    def sound(self, estimates: Any, view: View, grid: Grid) -> np.ndarray:
        """Sound of estimates [targets, channels, bins, frames]: [targets, channels, core + overlap]."""
