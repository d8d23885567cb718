"""Whole recordings, block by block in constant memory: aligned stems of exactly the input's length.

At a native rate this is the real-time path with its delay taken off. At any other rate the recording can
wait, so it is resampled by soxr instead of by the short real-time filter; the residual is still what the
original leaves over at its own rate, so the stems sum to the original.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from streamsep.engine import HopEngine
from streamsep.engine.rebuffer import Rebuffer
from streamsep.file_resample import FileResampler
from streamsep.spec import StreamSpec

Separate = Callable[[Iterable[np.ndarray]], Iterator[np.ndarray]]
"""Blocks [channels, n] to their stems [targets, channels, m], aligned and together as long."""


def separate_blocks(
    engine: HopEngine, blocks: Iterable[np.ndarray], sample_rate: int, channels: int
) -> Iterator[np.ndarray]:
    """Stems of a recording that comes in blocks.

    Args:
        engine: Runs the model, at its own rate; fresh state is used.
        blocks: float32 [channels, n], any n. Not modified.
        sample_rate: Of the recording, in Hz.
        channels: Of the recording.

    Yields:
        float32 [targets, channels, m], in order; together as long as the recording.

    Latency: none seen from outside. Thread: one. Allocates: yes. In place: no.
    """

    def at_native_rate(heard: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        return _at_native_rate(engine, heard, channels)

    yield from separate_resampled(at_native_rate, engine.spec, blocks, sample_rate, channels)


def separate_resampled(
    separate: Separate,
    spec: StreamSpec,
    blocks: Iterable[np.ndarray],
    sample_rate: int,
    channels: int,
) -> Iterator[np.ndarray]:
    """The same for anything that separates at one rate only.

    Args:
        separate: Works at `spec.sample_rate`.
        spec: Its rate and stems.
        blocks: float32 [channels, n], any n. Not modified.
        sample_rate: Of the recording, in Hz.
        channels: Of the recording.

    Yields:
        float32 [targets, channels, m], in order; together as long as the recording.

    Latency: none seen from outside. Thread: one. Allocates: yes. In place: no.
    """
    if sample_rate == spec.sample_rate:
        yield from separate(blocks)
    else:
        yield from _resampled(separate, spec, blocks, sample_rate, channels)


def _at_native_rate(
    engine: HopEngine, blocks: Iterable[np.ndarray], channels: int
) -> Iterator[np.ndarray]:
    stream = Rebuffer(engine, engine.spec.sample_rate, channels)
    early = stream.latency_samples
    for block in blocks:
        stems = stream.process(np.array(block, np.float32, order="C"))
        skipped = min(early, stems.shape[-1])
        early -= skipped
        yield stems[..., skipped:]
    tail = stream.process(np.zeros((channels, stream.latency_samples), np.float32))
    yield tail[..., early:]


def _resampled(
    separate: Separate,
    spec: StreamSpec,
    blocks: Iterable[np.ndarray],
    sample_rate: int,
    channels: int,
) -> Iterator[np.ndarray]:
    """The same through soxr, with the original waiting beside until its stems come back."""
    rate, n_estimated = spec.sample_rate, len(spec.estimated)
    into = FileResampler(sample_rate, rate, channels)
    back = FileResampler(rate, sample_rate, n_estimated * channels)
    waiting = np.zeros((channels, 0), np.float32)

    def heard() -> Iterator[np.ndarray]:
        nonlocal waiting
        for block in blocks:
            waiting = np.concatenate([waiting, block], axis=-1)
            yield into.push(block)
        yield into.finish()

    def returned() -> Iterator[np.ndarray]:
        for stems in separate(heard()):
            yield back.push(np.ascontiguousarray(stems[:-1]).reshape(n_estimated * channels, -1))
        yield back.finish()

    for rows in returned():
        n = min(rows.shape[-1], waiting.shape[-1])
        estimates = rows[:, :n].reshape(n_estimated, channels, n)
        rest = waiting[:, :n] - estimates.sum(axis=0)
        waiting = waiting[:, n:]
        yield np.concatenate([estimates, rest[None]])
    if waiting.shape[-1]:  # rounding of the length may leave a sample or two without estimates
        silent = np.zeros((n_estimated, *waiting.shape), np.float32)
        yield np.concatenate([silent, waiting[None]])
