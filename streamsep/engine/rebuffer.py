"""Blocks of any size at the host's rate around an engine that wants whole hops at its own rate.

The mixture takes two ways. The wet way: resample (if need be), collect a hop, step the engine, resample
back. The dry way: a delay of exactly the stream's latency. The last stem is what the dry way carries
minus the other stems, at the host's rate, so the stems sum to the delayed input whatever the wet way did.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine import HopEngine
from streamsep.engine.compiled.sanitise import sanitise
from streamsep.engine.fifo import Fifo
from streamsep.engine.latency import stream_latency_samples
from streamsep.resample import StreamingResampler

_PIECE = 4096
"""Longest piece in samples that passes through at once; bounds the buffers."""


class Rebuffer:
    """One stream: state of the engine, of the resamplers and of the delay line.

    Args:
        engine: Runs the model; shared freely, its state is held here.
        host_rate: Rate of the blocks, in Hz.
        channels: Channels of the blocks. One channel feeds an engine of two on both sides.
        block_size: Promise about the size of the blocks; None promises nothing.

    Latency: `latency_samples`. Thread: one at a time. Allocates: what it returns. In place: own state.
    """

    def __init__(
        self, engine: HopEngine, host_rate: int, channels: int, block_size: int | None = None
    ) -> None:
        spec = engine.spec
        self.engine, self.channels = engine, channels
        n_rows = len(spec.estimated) * spec.channels
        self._into = self._back = None
        if host_rate != spec.sample_rate:
            self._into = StreamingResampler(host_rate, spec.sample_rate, spec.channels)
            self._back = StreamingResampler(spec.sample_rate, host_rate, n_rows)
        self.latency_samples = stream_latency_samples(
            spec.profile, block_size, self._into, self._back
        )
        up, down = max(1.0, spec.sample_rate / host_rate), max(1.0, host_rate / spec.sample_rate)
        hop = spec.profile.hop
        self._n_early = spec.latency_samples // hop
        self._clean = np.zeros((channels, _PIECE), np.float32)
        self._feed = np.zeros((spec.channels, int(up * _PIECE) + 2), np.float32)
        self._hop = np.zeros((spec.channels, hop), np.float32)
        self._returned = np.zeros((n_rows, int(down * hop) + 2), np.float32)
        room = self.latency_samples + 2 * _PIECE + int(down * 2 * hop) + 2
        self._collect = Fifo((spec.channels,), hop + self._feed.shape[1])
        self._wet = Fifo((len(spec.estimated), channels), room)
        self._dry = Fifo((channels,), room)
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard, as at the start of a stream."""
        self.state = self.engine.init_state()
        self.n_hops = 0
        self._collect.clear()
        for fifo in (self._wet, self._dry):
            fifo.clear(self.latency_samples)
        for resampler in (self._into, self._back):
            if resampler is not None:
                resampler.reset()

    def warm_up(self) -> None:
        """Run a hop of silence, so that the first block does not wait for the compiler; then reset."""
        n = 2 * self.latency_samples + self._hop.shape[1]
        self.process(np.zeros((self.channels, n), np.float32))
        self.reset()

    def process(self, block: np.ndarray) -> np.ndarray:
        """A block in, as many samples of every stem out, `latency_samples` late.

        Args:
            block: C-contiguous, writeable float32 [channels, n], any n. Not modified.

        Returns:
            A new array, float32 [targets, channels, n].
        """
        n = block.shape[1]
        stems = np.empty((len(self.engine.spec.targets), self.channels, n), np.float32)
        done = 0
        for start in range(0, n, _PIECE):
            piece = min(_PIECE, n - start)
            clean = self._clean[:, :piece]
            sanitise(block[:, start : start + piece], clean)
            self._dry.push(clean)
            self._advance(clean)
            ready = min(self._wet.n_held, self._dry.n_held, n - done)
            self._emit(stems[..., done : done + ready])
            done += ready
        return stems

    def _emit(self, stems: np.ndarray) -> None:
        """Estimated stems from the wet way, and what they leave of the dry way."""
        self._wet.pop(stems[:-1])
        self._dry.pop(stems[-1])
        for stem in stems[:-1]:
            stems[-1] -= stem

    def _advance(self, clean: np.ndarray) -> None:
        """Feed the engine and collect every hop that it finishes."""
        feed, n_channels = clean, self.engine.spec.channels
        if self.channels < n_channels:
            feed = np.repeat(clean, n_channels, axis=0)
        if self._into is not None:
            feed = self._feed[:, : self._into.push(np.ascontiguousarray(feed), self._feed)]
        self._collect.push(feed)
        while self._collect.n_held >= self._hop.shape[1]:
            self._collect.pop(self._hop)
            estimates, self.state = self.engine.step(self._hop, self.state)
            self.n_hops += 1
            if self.n_hops > self._n_early:  # hops before these belong to the time before the start
                self._collect_estimates(estimates)

    def _collect_estimates(self, estimates: np.ndarray) -> None:
        if self._back is not None:
            rows = np.ascontiguousarray(estimates).reshape(-1, estimates.shape[-1])
            n = self._back.push(rows, self._returned)
            estimates = self._returned[:, :n].reshape(*estimates.shape[:2], n)
        self._wet.push(estimates[:, : self.channels])
