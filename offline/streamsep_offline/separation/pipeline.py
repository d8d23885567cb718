"""Songs of any length to stems, block by block in constant memory.

    separation = Separation(SeparationSettings(two_stems="vocals"))
    for piece in separation.run(open_blocks, sample_rate=44100, channels=2):
        ...  # float32 [stems, channels, m]

What comes out of a block depends on the song and on the block's place alone: runs repeat bit by bit, and
one that starts at a later block gives the same bits from there on. Non-finite samples count as 0, those
beyond +48 dBFS are clamped, as in the real-time path.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from streamsep.errors import ParameterError
from streamsep.resample import check_rate
from streamsep_offline.filters.context import SpatialStatistics
from streamsep_offline.separation.blocks import CrossFade, Segment
from streamsep_offline.separation.estimator import Estimator
from streamsep_offline.separation.filtering import BlockFilter
from streamsep_offline.separation.grid import Grid
from streamsep_offline.separation.groups import Group, channel_groups
from streamsep_offline.separation.models import open_source
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.separation.song import Progress, Song
from streamsep_offline.separation.source import OpenBlocks, View
from streamsep_offline.separation.streamed import StreamedSource


class Separation:
    """A model, a filter and what comes out of them; made once, used for any number of songs.

    Args:
        settings: What was chosen.
        estimator: A network of one's own instead of `settings.model`.

    Attributes:
        settings: As given.
        stems: Names of what comes out, order of the stems axis.

    Raises:
        ParameterError: A target is unknown, options exclude each other, or the device is not there.
        PresetError: There is no such model.
        CheckpointError: The model's folder is damaged or foreign.
        MissingExtraError: The model needs torch, or the filter norbert, and it is not installed.

    Thread: one run at a time. In place: nothing of the caller's.
    """

    def __init__(self, settings: SeparationSettings, estimator: Estimator | None = None) -> None:
        self.settings = settings
        self._source, self._mix = open_source(settings, estimator)
        self.stems = self._mix.stems
        targets, available = self._source.targets, self._source.available
        is_whole = set(targets) == set(available) and len(targets) > 1
        adds_rest = not is_whole or settings.residual is not None
        self._filter = BlockFilter(settings, adds_rest)
        self._streams_stems = isinstance(self._source, StreamedSource) and settings.niter == 0

    def block_samples(self, sample_rate: int) -> int:
        """Samples of a block: pieces come out in this size, and a run may start at any multiple of it.

        Raises:
            SampleRateError: The rate lies outside 8 to 192 kHz.
        """
        check_rate(sample_rate)
        return self._source.grid(sample_rate).core

    def run(
        self,
        open_blocks: OpenBlocks,
        sample_rate: int,
        channels: int,
        n_frames: int | None = None,
        first_sample: int = 0,
        progress: Progress | None = None,
    ) -> Iterator[np.ndarray]:
        """Separate a song.

        Args:
            open_blocks: Opens the song from its start, once or (`wiener_context="song"`) twice;
                float32 [channels, n] in blocks of any n, which are not modified.
            sample_rate: Of the song in Hz.
            channels: Of the song.
            n_frames: Samples of the song if known: spares the work where nothing is left to be done.
            first_sample: Where to start, a multiple of `block_samples`; the bits are those of a whole run.
            progress: Told after each block the seconds of the song that are done; each of several passes
                counts its part. May raise to cancel; nothing needs to be cleaned up then.

        Returns:
            Yields stems, float32 [stems, channels, m]: together as long as the song from first_sample on.
            It raises ShapeError if the song is empty or one of its blocks is not [channels, n].

        Raises:
            SampleRateError: The rate lies outside 8 to 192 kHz.
            ShapeError: There are no channels.
            ParameterError: first_sample is no multiple of `block_samples`.
        """
        core = self.block_samples(sample_rate)
        if first_sample % core or first_sample < 0:
            raise ParameterError(
                f"first_sample={first_sample} must be a multiple of a block, {core} samples at "
                f"{sample_rate} Hz"
            )
        if n_frames is not None and 0 < n_frames <= first_sample:
            return iter(())
        song = Song(
            open_blocks,
            sample_rate,
            channels,
            channel_groups(channels),
            self._source.grid(sample_rate),
            self._source,
        )
        return self._run(song, first_sample // core, progress or _nobody)

    def _run(self, song: Song, first_block: int, progress: Progress) -> Iterator[np.ndarray]:
        """The pass that learns, if there is one, and the pass that makes sound."""
        statistics, learned_s = None, 0.0
        if self._filter.learns:
            statistics = {group: SpatialStatistics() for group in song.groups}
            for batch in song.batches():
                for view in self._source.views(batch, song.grid, song.groups):
                    self._filter.learn(view, statistics[view.group])
                learned_s = song.seconds(batch[-1])
                progress(learned_s / 2)
        blocks = (
            self._streamed(song, first_block)
            if self._streams_stems
            else self._filtered(song, first_block, statistics)
        )
        for segment, mixture, estimates in blocks:
            n = segment.n_valid
            yield self._mix.apply(self._source.targets, estimates[..., :n], mixture[:, :n])
            done_s = song.seconds(segment)
            progress(done_s if statistics is None else (learned_s + done_s) / 2)

    def _filtered(
        self, song: Song, first_block: int, statistics: dict[Group, SpatialStatistics] | None
    ) -> Iterator[tuple[Segment, np.ndarray, np.ndarray]]:
        """Every block from the first on, its mixture, and what the filter makes of it."""
        grid, source = song.grid, self._source
        fade = CrossFade(grid.overlap)
        lead_in = max(0, first_block - 1)  # its end fades into the first block
        for batch in song.batches(lead_in):
            n_samples = grid.core + grid.overlap
            made = np.zeros((len(batch), len(source.targets), song.channels, n_samples), np.float32)
            for view in source.views(batch, grid, song.groups):
                if batch[view.block].index >= lead_in:
                    learned = None if statistics is None else statistics[view.group]
                    made[view.block][:, list(view.group)] += self._sound(view, grid, learned)
                del view  # before the next one is made: they are large
            for segment, block in zip(batch, made, strict=True):
                if segment.index >= lead_in:
                    estimates = fade.push(block)
                    if segment.index >= first_block:
                        yield segment, segment.samples[0, :, grid.before :], estimates

    def _sound(self, view: View, grid: Grid, learned: SpatialStatistics | None) -> np.ndarray:
        """What the filter makes of a view, in its share. [targets, channels, core + overlap]"""
        sound = self._source.sound(self._filter.estimates(view, learned), view, grid)
        return sound if view.weight == 1.0 else np.float32(view.weight) * sound

    def _streamed(
        self, song: Song, first_block: int
    ) -> Iterator[tuple[Segment, np.ndarray, np.ndarray]]:
        """Every block from the first on, its mixture, and the stems that the source streams."""
        for segment in song.segments(first_block, 0, 0):
            yield segment, segment.samples[0], segment.samples[1:]


def _nobody(seconds: float) -> None:
    """Progress that nobody watches."""
