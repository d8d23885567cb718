"""What comes in, in the audio process: a duplex stream's input, a device with its own clock, a file."""

from __future__ import annotations

import time

import numpy as np

from streamsep.engine.live.callback import capture_address
from streamsep.engine.live.intake import (
    LATENCY_NS,
    HeldIntake,
    make_device_intake,
    make_file_intake,
)
from streamsep_bridge.audio.devices import Device, find_device
from streamsep_bridge.audio.stream import NativeStream
from streamsep_bridge.live.file_player import FilePlayer
from streamsep_bridge.live.settings import AudioChoice

SETTLE_S = 1.0
"""A device of its own that says nothing of its blocks for so long is not waited for."""


class Inlet:
    """The input of a duplex stream, which needs nothing.

    Attributes:
        name: Of what comes in.
        device: That the stream reads itself; None where it has no input.
        intake: What it reads instead.
        buffer_ms: Of buffers that are not the stream's; None where they are not known.

    Latency: `LATENCY_NS` of the intake's counters. Thread: one. Allocates: yes. In place: own state.
    """

    intake: HeldIntake | None = None
    buffer_ms: float | None = 0.0

    def __init__(self, name: str, device: Device | None) -> None:
        self.name, self.device = name, device

    def start(self) -> None:
        """Let it come in."""

    def settle(self) -> None:
        """Wait until the delay is known; the stream must play."""

    def close(self) -> None:
        """End it; over a dead server this hangs."""


class FileInlet(Inlet):
    """A file; its player outlives the streams.

    Args:
        player: Of the file.
        intake: What it fills.
    """

    def __init__(self, player: FilePlayer, intake: HeldIntake) -> None:
        super().__init__(player.name, None)
        self.intake, self._player = intake, player

    def start(self) -> None:
        """Fill the ring."""
        assert self.intake is not None
        self._player.attach(self.intake.intake)


class CaptureInlet(Inlet):
    """A device whose clock is not the output's, as a stream of its own.

    Args:
        source: The device; it runs at its own rate.
        intake: What it fills.
        channels: Of the input.
        block_size: Samples per callback; 0 is the device's own.
    """

    def __init__(self, source: Device, intake: HeldIntake, channels: int, block_size: int) -> None:
        super().__init__(source.name, None)
        self.intake = intake
        self._stream = NativeStream(
            source,
            None,
            (channels, 0),
            source.sample_rate,
            block_size,
            capture_address(),
            intake.block.address,
        )

    def start(self) -> None:
        """Start the stream."""
        self._stream.start()
        self.buffer_ms = self._stream.buffer_ms

    def settle(self) -> None:
        """Wait until both callbacks have shown how long their blocks are."""
        assert self.intake is not None
        end = time.monotonic() + SETTLE_S
        while not self.intake.intake.counts[LATENCY_NS] and time.monotonic() < end:
            time.sleep(0.005)

    def close(self) -> None:
        """Stop and close the stream."""
        self._stream.close()


def open_inlet(
    audio: AudioChoice, sink: Device, rate: int, counts: np.ndarray, player: FilePlayer | None
) -> Inlet:
    """What a stream hears.

    Args:
        audio: Devices that were asked for.
        sink: Output device.
        rate: Of the stream that plays, in Hz.
        counts: Of an intake, see `streamsep.engine.live.intake`.
        player: Of a file; None hears a device.

    Raises:
        DeviceError: The device is not there, or refuses.
    """
    if player is not None:
        player.close()  # it may still fill the ring of a stream that did not start
        return FileInlet(player, make_file_intake(audio.channels, rate, counts))
    source = find_device(audio.input, "input")
    if not (audio.is_split or have_two_clocks(source, sink)):
        return Inlet(source.name, source)
    intake = make_device_intake(audio.channels, source.sample_rate, rate, counts)
    return CaptureInlet(source, intake, audio.channels, audio.block_size)


def have_two_clocks(source: Device, sink: Device) -> bool:
    """Whether two devices certainly cannot be one stream; whether they share a clock cannot be asked."""
    is_same = source.index == sink.index
    return not is_same and (source.api, source.sample_rate) != (sink.api, sink.sample_rate)
