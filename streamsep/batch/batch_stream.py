"""`BatchStream`: what one client of a batch holds. Write when sound comes, read what is ready."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from streamsep.arrays import as_audio
from streamsep.batch.gain_ramp import GainRamp
from streamsep.errors import BlockSizeError, ParameterError, ShapeError, StreamLeftError

if TYPE_CHECKING:
    from streamsep.batch.stream_batch import StreamBatch


class BatchStream:
    """One stream of a batch, made by `StreamBatch.join`; a context manager that leaves at its end.

    What is read is what a `Separator` with the same promise would have returned, whatever the other
    streams do: sample i of the stems belongs to sample i - `latency_samples` of what was written.

    Attributes:
        stems: Names of the stems, in the order of the first axis; the last is the residual.
        latency_samples: Samples by which the stems lag behind what was written.
        block_size: The promise, as given to `join`.

    Latency: `latency_samples`, plus the time until the batch's next `run`. Thread: one client at a time;
    the batch may run meanwhile. Allocates: what it returns. In place: own state.
    """

    def __init__(self, batch: StreamBatch, slot: int, block_size: int | None) -> None:
        spec = batch.spec
        self._batch, self._slot, self._rings = batch, slot, batch.rings
        self.stems, self.block_size = spec.targets, block_size
        self.latency_samples = spec.profile.latency_samples(block_size)
        self._ramp = GainRamp(len(spec.targets), spec.profile.hop)
        self._is_open = True

    def write(self, block: np.ndarray, at_s: float | None = None) -> int:
        """Queue the next samples; never waits.

        Args:
            block: Any n. float32 [channels, n]. Non-finite samples count as 0, those beyond +48 dBFS are
                clamped.
            at_s: When they arrived, on the scale of `time.monotonic`; None is now.

        Returns:
            Samples taken: fewer than n when the queue is full. Write the rest after a `read`.

        Raises:
            ShapeError: The block is not [channels, n].
            BlockSizeError: n is no multiple of the promised block size.
            StreamLeftError: The stream has left.
        """
        self._check_open()
        block, channels = as_audio(block), self._rings.channels
        if block.shape[0] != channels:
            raise ShapeError(
                f"a block of shape {block.shape} has {block.shape[0]} channels, this batch has "
                f"{channels}; build it with channels={block.shape[0]}, or pass [channels, samples]"
            )
        unit = self.block_size or 1
        if block.shape[1] % unit:
            raise BlockSizeError(
                f"a block of {block.shape[1]} samples breaks the promise block_size={unit}; write "
                "multiples of it, or join with block_size=None"
            )
        at_s = time.monotonic() if at_s is None else float(at_s)
        return self._rings.write(self._slot, block, at_s, unit)

    def read(self, n: int | None = None) -> np.ndarray:
        """What is ready of the stems, times the gains.

        Args:
            n: At most so many samples; None is all that is ready.

        Returns:
            float32 [stems, channels, at most n]: `latency_samples` zeros first.

        Raises:
            ParameterError: n is negative.
            StreamLeftError: The stream has left.
        """
        self._check_open()
        if n is not None and n < 0:
            raise ParameterError(f"n={n} must be at least 0, or None for all that is ready")
        ready = self.n_ready
        stems = self._rings.read(self._slot, ready if n is None else min(n, ready))
        self._ramp.apply(stems)
        return stems

    def mix(self, n: int | None = None) -> np.ndarray:
        """As `read`, but the sum over the stems. float32 [channels, at most n]."""
        return self.read(n).sum(axis=0)

    @property
    def n_queued(self) -> int:
        """Samples written that the engine has not heard yet."""
        return self._rings.n_waiting(self._slot) if self._is_open else 0

    @property
    def n_ready(self) -> int:
        """Samples that `read` would return."""
        return self._rings.n_ready(self._slot) if self._is_open else 0

    @property
    def position(self) -> int:
        """Samples written since the start or the last reset."""
        return self._rings.position(self._slot) if self._is_open else 0

    @property
    def gains(self) -> np.ndarray | None:
        """Linear gains of the stems, 0 to 16, float32 [stems]; None leaves the stems as they are.

        A new value arrives on a straight line over one hop of what is read.

        Raises:
            ParameterError: On setting: not one gain for each stem, or one is out of range.
        """
        return self._ramp.gains

    @gains.setter
    def gains(self, gains: np.ndarray | None) -> None:
        self._ramp.gains = gains

    def reset(self) -> None:
        """Forget all that was written and not read; the next block is the start of a stream.

        Raises:
            StreamLeftError: The stream has left.
        """
        self._check_open()
        self._batch.begin(self._slot, self.latency_samples)
        self._ramp.finish()

    def leave(self) -> None:
        """Give the place back, at any time; what is not read is lost. Leaving twice is harmless."""
        if self._is_open:
            self._is_open = False
            self._batch.give_back(self._slot)

    def __enter__(self) -> BatchStream:
        return self

    def __exit__(self, *details: Any) -> None:
        self.leave()

    def _check_open(self) -> None:
        if not self._is_open:
            raise StreamLeftError("this stream has left its batch; join again for a new one")
