"""Where blocks, frames and windows lie: all the integers of the pipeline, in one place.

Two clocks run side by side: that of the song and that of the model. A block is a whole number of their
common periods, so it has a whole number of samples on both. Frames lie on one grid of the whole song,
frame t centred on the model's sample t hop - offset, whatever the blocks; so a block sees the frames that
the song has, and nothing happens at its borders but that the network's view ends.

The network sees of each block the same count of frames, so that blocks can be batched. At the ends of the
song this window is moved inwards instead of being filled with silence, which a network that hears both
ways would take for a very quiet passage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from streamsep.errors import ParameterError

RESAMPLER_REACH = 256
"""Samples, at the lower of two rates, beyond which soxr's filter does not reach; measured: 200."""

MIN_BLOCK_S = 1.0
"""Shortest block in seconds; below, statistics of the filter would rest on a handful of frames."""

MAX_OVERLAP_S = 1.0
"""Longest overlap of two blocks in seconds."""


@dataclass(frozen=True)
class FrameWindow:
    """Frames of one block.

    Attributes:
        first: First frame that the network sees.
        count: How many it sees.
        start: First frame, counted from `first`, that the filter sees and the block is made of.
        stop: The frame after the last.
        own: Frames, counted from `start`, that are centred in the core and so belong to no other block.
    """

    first: int
    count: int
    start: int
    stop: int
    own: slice


@dataclass(frozen=True)
class Grid:
    """The grid of a song.

    Attributes:
        sample_rate: Of the song, in Hz.
        model_rate: Of the model, in Hz.
        n_fft: Length of a frame at the model's rate.
        hop: Its advance.
        context_frames: Frames that the network needs on either side of a block.
        block_s: Wanted length of a block's core in seconds.

    Raises:
        ParameterError: The block is too short.
    """

    sample_rate: int
    model_rate: int
    n_fft: int
    hop: int
    context_frames: int
    block_s: float

    def __post_init__(self) -> None:
        if not self.block_s >= MIN_BLOCK_S:
            raise ParameterError(
                f"block_s={self.block_s} must be at least {MIN_BLOCK_S:g} s; statistics of the filter "
                "and the context of the network want some seconds"
            )

    @cached_property
    def _periods_per_s(self) -> int:
        return math.gcd(self.sample_rate, self.model_rate)

    @cached_property
    def period(self) -> tuple[int, int]:
        """Samples of the song and of the model in one common period."""
        return (
            self.sample_rate // self._periods_per_s,
            self.model_rate // self._periods_per_s,
        )

    @cached_property
    def _core_periods(self) -> int:
        return round(self.block_s * self._periods_per_s)

    @cached_property
    def _overlap_periods(self) -> int:
        overlap_s = min(MAX_OVERLAP_S, self.block_s / 4)
        return max(1, round(overlap_s * self._periods_per_s))

    @cached_property
    def core(self) -> int:
        """Samples of the song in a block."""
        return self._core_periods * self.period[0]

    @cached_property
    def overlap(self) -> int:
        """Samples of the song by which a block reaches into the next one."""
        return self._overlap_periods * self.period[0]

    @cached_property
    def margin(self) -> tuple[int, int]:
        """Samples of the song and of the model that a resampler spoils at either end; whole periods."""
        if self.sample_rate == self.model_rate:
            return 0, 0
        lower = min(self.sample_rate, self.model_rate)
        n = math.ceil(RESAMPLER_REACH * self._periods_per_s / lower)
        return n * self.period[0], n * self.period[1]

    @cached_property
    def region(self) -> tuple[int, int]:
        """What a block makes at the model's rate, from the start of its core: first sample, count."""
        margin = self.margin[1]
        reach = (self._core_periods + self._overlap_periods) * self.period[1]
        return -margin, margin + reach + margin

    def model_start(self, index: int) -> int:
        """Sample of the model at which the core of a block starts."""
        return index * self._core_periods * self.period[1]

    @cached_property
    def n_frames(self) -> int:
        """Frames that touch the region, wherever it lies between two frames."""
        return math.ceil((self.region[1] + self.n_fft) / self.hop)

    @cached_property
    def before(self) -> int:
        """Samples of the song that a segment needs before its core."""
        # At the end of the song the window may have to move inwards by all its length.
        return self._reach(self.n_frames + 2 * self.context_frames)

    @cached_property
    def after(self) -> int:
        """Samples of the song that a segment needs after its core."""
        return self.overlap + self._reach(2 * self.context_frames)

    def _reach(self, n_frames: int) -> int:
        """Samples of the song that cover so many frames, their edges and those of the resamplers."""
        n = (n_frames + 2) * self.hop + 2 * self.n_fft + 3 * self.margin[1]
        return math.ceil(n / self.period[1]) * self.period[0]

    def frame_window(self, index: int, n_song: int | None, offset: int = 0) -> FrameWindow:
        """Frames of a block.

        Args:
            index: The block's place on the grid.
            n_song: Samples of the song where it ends nearby; None means that it goes on.
            offset: Samples by which all frames lie earlier, 0 to hop - 1.
        """
        core = self.model_start(index)
        begin = core + self.region[0]
        wanted = self._first_touching(begin, offset)
        count = self.n_frames + 2 * self.context_frames
        first = max(wanted - self.context_frames, self._first_touching(0, offset))
        if n_song is not None:
            last = self._last_touching(-(-n_song * self.model_rate // self.sample_rate), offset)
            first = max(min(first, last - count + 1), self._first_touching(0, offset))
            count = min(count, last - first + 1)
        stop = min(wanted + self.n_frames, first + count)
        start = max(first, min(wanted, stop - self.n_frames))
        own_from = max(start, -(-(core + offset) // self.hop))
        own_to = -(-(self.model_start(index + 1) + offset) // self.hop)
        own = slice(own_from - start, max(own_from, min(stop, own_to)) - start)
        return FrameWindow(first, count, start - first, stop - first, own)

    def _first_touching(self, sample: int, offset: int) -> int:
        """First frame that reaches beyond a sample."""
        return (sample + offset - self.n_fft // 2) // self.hop + 1

    def _last_touching(self, sample: int, offset: int) -> int:
        """Last frame that begins before a sample."""
        return -(-(sample + offset + self.n_fft // 2) // self.hop) - 1
