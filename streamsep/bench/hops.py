"""Whole hops of an engine, transform to overlap-add, against the time that a hop of sound lasts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from streamsep.bench.timing import Statistics
from streamsep.engine import create_engine
from streamsep.model import Model
from streamsep.spec import StreamSpec

EXCERPT_S = 10.0
"""Length of the sound that is repeated."""

WARM_UP_HOPS = 50
"""Hops before the clock starts: caches, and the model's memory of silence."""


@dataclass(frozen=True)
class HopResult:
    """Durations of the hops of one engine and model.

    Attributes:
        name: What ran.
        spec: Windows, rate, channels, targets.
        precision: "float32" or "int8".
        seconds: Duration of every hop. [count]
    """

    name: str
    spec: StreamSpec
    precision: str
    seconds: np.ndarray

    @property
    def statistics(self) -> Statistics:
        """Statistics of the durations."""
        return Statistics.of(self.seconds)

    @property
    def percent_of_core(self) -> float:
        """Share of one core that the engine needs to keep up with the music."""
        return 100.0 * float(self.seconds.mean()) / self.spec.hop_s


def time_hops(
    name: str,
    model: Model,
    precision: str,
    count: int,
    on_hops: Callable[[int], None] = lambda count: None,
    has_wiener: bool = False,
) -> HopResult:
    """Time hops of the compiled engine, stereo at 44.1 kHz.

    Args:
        name: For the table.
        model: What to run.
        precision: "float32" or "int8".
        count: Timed hops.
        on_hops: Called now and then with the number of hops done since, for a progress bar.
        has_wiener: Whether the recursive Wiener filter follows the masks.
    """
    spec = StreamSpec(model.profile, 44100, model.channels or 2, model.targets, has_wiener)
    engine = create_engine("compiled", model, spec, precision)
    state = engine.init_state()
    size = spec.profile.hop
    sound = excerpt(size, spec.sample_rate, spec.channels)
    hops = [np.ascontiguousarray(h) for h in np.split(sound, sound.shape[1] // size, axis=1)]
    seconds = np.empty(count)
    for i in range(-WARM_UP_HOPS, count):
        hop = hops[i % len(hops)]
        start = time.perf_counter()
        _, state = engine.step(hop, state)
        seconds[max(i, 0)] = time.perf_counter() - start
        if i > 0 and i % 100 == 0:
            on_hops(100)
    return HopResult(name, spec, precision, seconds)


def excerpt(hop: int, sample_rate: int, channels: int) -> np.ndarray:
    """Chords under decaying bursts of noise: sorting and branching cost what music makes them.

    Args:
        hop: The result is a multiple of it long.
        sample_rate: In Hz.
        channels: How many.

    Returns:
        float32 [channels, n].
    """
    n_samples = int(EXCERPT_S * sample_rate) // hop * hop
    time_s = np.arange(n_samples) / sample_rate
    rng = np.random.default_rng(0)
    chord = sum(
        np.sin(2.0 * np.pi * f * time_s) / (1 + k) for k, f in enumerate((110, 165, 220, 277, 330))
    )
    bursts = rng.standard_normal((channels, n_samples)) * np.exp(-20.0 * (time_s % 0.25))
    return (0.1 * chord + 0.2 * bursts).astype(np.float32)
