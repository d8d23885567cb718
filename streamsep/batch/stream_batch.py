"""`StreamBatch`: many independent streams on one model, run together as their hops fall due.

    import numpy as np
    from streamsep import StreamBatch

    batch = StreamBatch.from_preset("classic", capacity=64)
    one, other = batch.join(), batch.join()
    one.write(np.zeros((2, 700), np.float32))
    while batch.run():
        pass
    stems = one.read()

Clients write and read (`BatchStream`); one thread runs. A hop is due when all its samples were
written; it should be done a hop later, when the next one is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from streamsep.batch.backend import create_backend
from streamsep.batch.batch_stream import BatchStream
from streamsep.batch.rings import Rings
from streamsep.batch.rounds import Rounds
from streamsep.batch.stream_spec import stream_spec
from streamsep.errors import (
    BatchFullError,
    BlockSizeError,
    ParameterError,
    PresetError,
)
from streamsep.model import Model
from streamsep.presets import Preset, find_preset


class StreamBatch:
    """Runs the hops of many streams; see the module's docstring. A context manager that closes.

    Args:
        model: What to run.
        capacity: Streams that can be in at once, at least 1.
        sample_rate: Rate of all streams in Hz; one that the model runs at (44100, 48000).
        channels: Channels of all streams, 1 or 2.
        engine: "compiled" (the weights are read once for all streams of a round), "torch", or "graph".
        precision: "float32", or "int8" for int8 weights.
        wiener: Whether the recursive Wiener filter follows the masks.
        threads: Threads that share the work of a round.
        gather_s: A round waits until its oldest hop is so old, or all streams have one: fewer, larger
            rounds while there is slack. 0 runs what there is.

    Attributes:
        model: As given.
        sample_rate: As given.
        channels: As given.
        capacity: As given.
        spec: What the engine works on.
        rings: Memory between clients and rounds (for `BatchStream`).

    Raises:
        SampleRateError: The model does not run at that rate.
        ShapeError: The channels cannot be served by the model.
        EngineError: The engine is unknown or cannot run the model.
        ParameterError: A count or a time is out of range.

    Latency: of its streams. Thread: one that runs; `join`, and the streams, any. Allocates: here and in
    `join`. In place: own state.
    """

    def __init__(
        self,
        model: Model,
        *,
        capacity: int,
        sample_rate: int = 44100,
        channels: int = 2,
        engine: str = "compiled",
        precision: str = "float32",
        wiener: bool = False,
        threads: int = 1,
        gather_s: float = 0.0,
    ) -> None:
        self.model, self.capacity = model, _at_least_one("capacity", capacity)
        self.sample_rate, self.channels = sample_rate, channels
        self.spec = stream_spec(model, sample_rate, channels, wiener)
        hop_s = self.spec.hop_s
        if not 0.0 <= gather_s < hop_s:
            raise ParameterError(
                f"gather_s={gather_s} is not within 0 to a hop ({hop_s:.4f} s); waiting that long "
                "would miss every deadline"
            )
        threads = _at_least_one("threads", threads)
        backend = create_backend(engine, model, self.spec, capacity, precision, threads)
        self.rings = Rings(self.spec, channels, capacity)
        self._rounds = Rounds(backend, self.rings, gather_s)
        self._free = list(range(capacity))[::-1]
        self._warm_up()

    @classmethod
    def from_preset(
        cls,
        preset: str | Preset | None = None,
        *,
        profile: str | None = None,
        stem_set: str | None = None,
        wiener: bool | None = None,
        **options: Any,
    ) -> StreamBatch:
        """A batch from a preset's name, its file, or a `Preset`.

        Args:
            preset: As for `Separator.from_preset`.
            profile: "studio", "stage", "tight" or "instant"; None takes the preset's default.
            stem_set: "2stems", "4stems" or "5stems"; None takes the preset's default.
            wiener: As for the class; None is what the preset says.
            options: As for the class; `capacity` is needed.

        Raises:
            PresetError: There is no such preset, profile or stem set.
        """
        if isinstance(preset, Preset):
            if profile is not None or stem_set is not None:
                raise PresetError(
                    "a Preset already selects profile and stem set; pass its name instead"
                )
        else:
            preset = find_preset(preset, profile, stem_set)
        has_wiener = preset.has_wiener if wiener is None else wiener
        return cls(preset.load(), wiener=has_wiener, **options)

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the stems; the last is the residual."""
        return self.spec.targets

    @property
    def hop(self) -> int:
        """Samples per hop."""
        return self.spec.profile.hop

    @property
    def latency_samples(self) -> int:
        """Delay of a stream that promises nothing about its blocks; a promise makes it shorter."""
        return self.spec.profile.latency_samples(None)

    @property
    def n_streams(self) -> int:
        """Streams that are in."""
        return self.capacity - len(self._free)

    @property
    def n_late(self) -> int:
        """Hops done after their deadline."""
        return self._rounds.n_late

    def join(self, *, block_size: int | None = None) -> BatchStream:
        """A new stream that has heard nothing yet; at any time.

        Args:
            block_size: Promise that every write is a multiple of so many samples; it lowers the latency.

        Raises:
            BatchFullError: All places are taken.
            BlockSizeError: The promise is not a positive count, or longer than the queue.
            EngineError: The batch is closed.
        """
        if block_size is not None and not 1 <= block_size <= self.rings.n_queued:
            raise BlockSizeError(
                f"block_size={block_size} is not within 1 to the {self.rings.n_queued} samples that a "
                "stream may queue; promise a divisor of it, or None to promise nothing"
            )
        latency_samples = self.spec.profile.latency_samples(block_size)
        with self._rounds.lock:
            self._rounds.open_backend()
            if not self._free:
                raise BatchFullError(
                    f"all {self.capacity} places of this batch are taken; let a stream leave, or build "
                    "the StreamBatch with a larger capacity"
                )
            slot = self._free.pop()
            self._rounds.begin(slot, latency_samples)
            self.rings.is_active[slot] = 1
        return BatchStream(self, slot, block_size)

    def run(self, now_s: float | None = None, max_hops: int | None = None) -> int:
        """One round: a hop of every stream that has one waiting, all at once.

        Args:
            now_s: The time, on the scale of the streams' `at_s`; None is `time.monotonic()`.
            max_hops: At most so many, those with the oldest deadlines; None is all.

        Returns:
            Hops done; 0 where nothing is due (yet: see `gather_s`).

        Raises:
            EngineError: The batch is closed.
        """
        return self._rounds.run(now_s, max_hops)

    def next_deadline_s(self) -> float | None:
        """When the oldest waiting hop should be done, on the scale of `at_s`; None where none waits."""
        slots, arrived_s = np.empty(self.capacity, np.int64), np.empty(self.capacity)
        n = self.rings.find_due(slots, arrived_s)
        return float(arrived_s[:n].min()) + self.spec.hop_s if n else None

    def close(self) -> None:
        """Give threads and devices back. Streams can still be read, not run; closing twice is harmless."""
        self._rounds.close()

    def begin(self, slot: int, latency_samples: int) -> None:
        """A slot's stream starts anew (for `BatchStream`)."""
        with self._rounds.lock:
            self._rounds.begin(slot, latency_samples)

    def give_back(self, slot: int) -> None:
        """A slot's stream has left (for `BatchStream`)."""
        with self._rounds.lock:
            self.rings.is_active[slot] = 0
            self.rings.begin(slot, 0)
            self._free.append(slot)

    def __enter__(self) -> StreamBatch:
        return self

    def __exit__(self, *details: Any) -> None:
        self.close()

    def _warm_up(self) -> None:
        """A stream of silence, so that no client waits for the compiler."""
        with self.join() as stream:
            stream.write(np.zeros((self.channels, 2 * self.hop), np.float32))
            while self.run():
                stream.read()
        self._rounds.n_late = 0


def _at_least_one(name: str, count: int) -> int:
    if count < 1:
        raise ParameterError(f"{name}={count} must be at least 1")
    return count
