"""The process that measures a loop: `python -m streamsep_bridge.audio.loop_process`, see `loopback`.

It reads a `LoopOrder` as JSON from standard input and writes a `LoopMeasurement`, or an error, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from streamsep.errors import StreamsepError
from streamsep.units import db_to_gain
from streamsep_bridge.audio.click import FoundClick, find_click, make_click
from streamsep_bridge.audio.devices import Device, find_device
from streamsep_bridge.audio.loopback import LONGEST_S, MAX_ATTEMPTS, LoopMeasurement, LoopOrder
from streamsep_bridge.audio.portaudio import DeviceError, load_sounddevice
from streamsep_bridge.audio.stream import NativeStream

STALLED_S = 5.0
"""A stream that has not called back for so long is dead."""

CLOSE_S = 0.5
"""PortAudio that does not end within this time is left to the system."""

CLIPPED = 0.99
"""Peak from which on an input counts as clipped."""

_CALLBACKS: list[Any] = []
"""The stream knows only their addresses, and calls until `take_leave`: they must stay alive so long."""

_SETTLE_CALLBACKS = 10
_GAPS = 0b1111
"""PortAudio's flags for samples that were lost or made up; its fifth says that the stream begins."""


class DeadStreamError(DeviceError):
    """The stream does not start or does not call back."""


@dataclass(frozen=True)
class Take:
    """What was heard while a sound was played.

    Attributes:
        heard: float32 [n].
        gap: First sample from which on they may be displaced; n where none is.
    """

    heard: np.ndarray
    gap: int


class Loop:
    """A running stream that plays a sound while it records.

    Its callback is Python: being late does not change the count of samples, and what is lost is flagged.

    Args:
        source: Input device.
        sink: Output device.
        order: Channel, block size.
        sample_rate: In Hz.

    Attributes:
        stream: Open.
        sizes: Samples per callback, all that there were.
    """

    def __init__(self, source: Device, sink: Device, order: LoopOrder, sample_rate: int) -> None:
        ffi = load_sounddevice()._ffi
        self._n_channels, self._buffer = order.channel, ffi.buffer
        self._sound = self._heard = np.zeros(0, np.float32)
        self._at = self._gap = self._n_callbacks = 0
        self.sizes: set[int] = set()
        callback = ffi.callback("PaStreamCallback", self._call)
        _CALLBACKS.append(callback)
        address = int(ffi.cast("intptr_t", callback))
        channels = (order.channel, order.channel)
        self.stream = NativeStream(
            source, sink, channels, sample_rate, order.block_size, address, 0
        )
        try:
            self.stream.start()
        except DeviceError as error:
            raise DeadStreamError(str(error)) from error
        self._wait_until(lambda: self._n_callbacks >= _SETTLE_CALLBACKS)

    def play(self, sound: np.ndarray) -> Take:
        """Play a sound, float32 [n], and record as long."""
        self._heard = np.zeros(len(sound), np.float32)
        self._at, self._gap = 0, len(sound)
        self._sound = sound  # from now on the callback plays
        self._wait_until(lambda: self._at >= len(sound))
        self._sound = sound[:0]
        return Take(self._heard, self._gap)

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        seen, seen_at_s = self._n_callbacks, time.monotonic()
        while not is_so():
            time.sleep(0.01)
            if self._n_callbacks != seen:
                seen, seen_at_s = self._n_callbacks, time.monotonic()
            elif time.monotonic() - seen_at_s > STALLED_S:
                raise DeadStreamError("the sound stopped while it was measured; restart its server")

    def _call(self, indata: Any, outdata: Any, n: int, when: Any, flags: int, argument: Any) -> int:
        del when, argument
        n_bytes = 4 * n * self._n_channels
        heard = np.frombuffer(self._buffer(indata, n_bytes), np.float32).reshape(n, -1)
        played = np.frombuffer(self._buffer(outdata, n_bytes), np.float32).reshape(n, -1)
        played[:] = 0.0
        self._n_callbacks += 1
        self.sizes.add(n)
        sound, at = self._sound, self._at
        part = min(n, len(sound) - at)
        if part > 0:
            played[:part, -1] = sound[at : at + part]
            self._heard[at : at + part] = heard[:part, -1]
            if flags & _GAPS:
                self._gap = min(self._gap, at)
            self._at = at + part
        return 0


def measure(order: LoopOrder) -> LoopMeasurement:
    """Do what `streamsep_bridge.audio.loopback.measure_loop` promises.

    Raises:
        DeviceError: As there.
        DeadStreamError: The stream does not start, or stopped; another may do better.
    """
    source, sink = find_device(order.input, "input"), find_device(order.output, "output")
    rate = order.sample_rate or sink.sample_rate
    click = make_click()
    sound = np.zeros(len(click) + round(LONGEST_S * rate), np.float32)
    sound[: len(click)] = db_to_gain(order.level_db) * click
    loop = Loop(source, sink, order, rate)
    found: list[FoundClick] = []
    n_repeated, is_clipped = 0, False
    while len(found) < order.runs:
        take = loop.play(sound)
        one = find_click(take.heard, click)
        # What is lost after the click is back does not change its delay.
        if take.gap < (len(sound) if one is None else one.delay_samples + len(click)):
            n_repeated += 1
            if n_repeated > (MAX_ATTEMPTS - 1) * order.runs:
                raise DeviceError(
                    f"{n_repeated} attempts had xruns: choose a larger --block, or end what else uses "
                    "the processor"
                )
            continue
        if one is None:
            raise DeviceError(describe_silence(source, sink, order))
        found.append(one)
        is_clipped = is_clipped or bool(np.abs(take.heard).max() >= CLIPPED)
    return LoopMeasurement(
        input=source.name,
        output=sink.name,
        api=sink.api,
        sample_rate=rate,
        block_size=loop.sizes.pop() if len(loop.sizes) == 1 else None,
        channel=order.channel,
        level_db=order.level_db,
        delays=tuple(one.delay_samples for one in found),
        declared_ms=loop.stream.buffer_ms,
        is_inverted=found[0].is_inverted,
        is_clipped=is_clipped,
        n_repeated=n_repeated,
    )


def describe_silence(source: Device, sink: Device, order: LoopOrder) -> str:
    """No click came back, and what may help."""
    way = "with a cable"
    if "JACK" in sink.api:
        way += ", or name a JACK client that returns what it gets as --in and --out"
    return (
        f"no click came back on input {order.channel} of {source.name}: connect output {order.channel} "
        f"of {sink.name} to it {way}; or raise --level ({order.level_db:g} dB now)"
    )


def take_leave() -> None:
    """End PortAudio and its streams; over a dead server that hangs, so it gets only so long.

    Without it a JACK server would wait for this process, and hold up all that plays.
    """
    leaving = threading.Thread(target=load_sounddevice()._terminate, daemon=True)
    leaving.start()
    leaving.join(CLOSE_S)


def main() -> None:
    """Measure once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business; it kills
    try:
        answer = asdict(measure(LoopOrder(**json.load(sys.stdin))))
    except StreamsepError as error:
        answer = {"error": str(error), "is_dead": isinstance(error, DeadStreamError)}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    if "sounddevice" in sys.modules:
        take_leave()
    # Python's own way out would hang in PortAudio where its server has died.
    os._exit(0)


if __name__ == "__main__":
    main()
