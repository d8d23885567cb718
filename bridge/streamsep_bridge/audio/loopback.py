"""`measure_loop`: the round trip through the real outputs and inputs, to the sample.

The loop is a cable from an output to an input, a loudspeaker before a microphone, or a JACK client that
returns what it gets. Output and input samples are counted in the same callback, so what is measured is
exactly what a live session adds to the algorithm's delay: all that lies between the block that the
callback writes and the block in which it hears it again.

As in a live session the stream lives in a process of its own (`streamsep_bridge.audio.loop_process`):
PortAudio over a dead server hangs in every call, and a process can be killed.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

from streamsep.errors import MissingExtraError, ParameterError
from streamsep.units import samples_to_ms
from streamsep_bridge.audio.portaudio import DeviceError

LONGEST_S = 1.0
"""A click that has not come back after so long does not come; Bluetooth takes 0.3 s."""

MAX_ATTEMPTS = 10
"""For each run; one with an xrun is repeated."""

STARTS = 2
"""A server may forget the first callback of a stream; the next stream gets its own."""

_START_S, _RUN_S = 60.0, 5.0
"""Time that a process gets for its start and for every attempt, on a busy machine."""


@dataclass(frozen=True)
class LoopOrder:
    """What to measure; see `measure_loop`."""

    input: str | int | None
    output: str | int | None
    sample_rate: int | None
    block_size: int
    channel: int
    level_db: float
    runs: int


@dataclass(frozen=True)
class LoopMeasurement:
    """What `measure_loop` found.

    Attributes:
        input: Name of the input device.
        output: Name of the output device.
        api: Host API of the output.
        sample_rate: In Hz.
        block_size: Samples per callback; None where they vary.
        channel: Of output and input, from 1.
        level_db: Of the click, in dB of full scale.
        delays: Round trip of every run, in samples.
        declared_ms: What PortAudio says of its input and output buffers; None where it says nonsense.
        is_inverted: Whether the loop turns the polarity round.
        is_clipped: Whether the input was at full scale.
        n_repeated: Attempts that had an xrun and were repeated.
    """

    input: str
    output: str
    api: str
    sample_rate: int
    block_size: int | None
    channel: int
    level_db: float
    delays: tuple[int, ...]
    declared_ms: float | None
    is_inverted: bool
    is_clipped: bool
    n_repeated: int

    @property
    def median_samples(self) -> int:
        """Round trip in samples: the median of the runs, the lower of two."""
        return statistics.median_low(self.delays)

    @property
    def declared_samples(self) -> int | None:
        """What PortAudio says, in samples."""
        if self.declared_ms is None:
            return None
        return round(1e-3 * self.declared_ms * self.sample_rate)

    def to_ms(self, samples: int) -> float:
        """Samples of this loop in milliseconds."""
        return samples_to_ms(samples, self.sample_rate)

    @property
    def remedies(self) -> tuple[str, ...]:
        """What is wrong with the measurement and how to mend it, a line each; empty where nothing is."""
        lines = []
        if self.is_clipped:
            lines.append(
                f"the click came back clipped on input {self.channel}: lower --level "
                f"({self.level_db:g} dB now) or turn the input down"
            )
        if len(set(self.delays)) > 1:
            lines.append(
                f"the runs disagree by {max(self.delays) - min(self.delays)} samples, so sound was lost "
                "unnoticed (xruns): choose a larger --block, or end what else uses the processor"
            )
        return tuple(lines)


def measure_loop(
    input: str | int | None = None,
    output: str | int | None = None,
    *,
    sample_rate: int | None = None,
    block_size: int = 0,
    channel: int = 1,
    level_db: float = -20.0,
    runs: int = 5,
) -> LoopMeasurement:
    """Play a click through a loop several times and find it again.

    Args:
        input: Device: name, part of it, or number; None is the default.
        output: The same.
        sample_rate: In Hz; None is the output's own.
        block_size: Samples per callback; 0 is the device's own, which adds no delay.
        channel: Of output and input, from 1.
        level_db: Of the click, -80 to 0 dB of full scale. It is a hiss of 0.4 s.
        runs: How often, 1 to 100.

    Raises:
        ParameterError: Channel, level or runs are out of range.
        MissingExtraError: sounddevice is not installed.
        DeviceError: The devices refuse, no click comes back, or too many runs have xruns.

    Latency: what it measures. Thread: any; it takes `runs` times 1.4 s. Allocates: yes.
    """
    for name, value, low, high in (
        ("channel", channel, 1, 256),
        ("level_db", level_db, -80.0, 0.0),
        ("runs", runs, 1, 100),
    ):
        if not low <= value <= high:
            raise ParameterError(f"{name}={value} is outside {low:g} to {high:g}")
    if importlib.util.find_spec("sounddevice") is None:
        raise MissingExtraError("live sound", "sounddevice", "live")
    order = LoopOrder(input, output, sample_rate, block_size, channel, level_db, runs)
    answer: dict[str, Any] = {}
    for _ in range(STARTS):
        answer = _ask(order)
        if not answer.get("is_dead"):
            break
    if "error" in answer:
        raise DeviceError(answer["error"])
    return LoopMeasurement(**answer | {"delays": tuple(answer["delays"])})


def _ask(order: LoopOrder) -> dict[str, Any]:
    """A process's answer: a measurement's fields, or an error and whether the stream was dead."""
    dead = {"error": "the sound system does not answer; restart its server", "is_dead": True}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "streamsep_bridge.audio.loop_process"],
            input=json.dumps(asdict(order)),
            capture_output=True,
            text=True,
            timeout=_START_S + _RUN_S * MAX_ATTEMPTS * order.runs,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return dead
    return json.loads(done.stdout) if done.stdout else dead
