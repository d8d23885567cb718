"""The microphone's process: `python -m streamsep_bridge.karaoke.mic_process`, see `microphone`.

It reads a `MicOrder` and then controls from standard input, one JSON object a line, and says on standard
output when it plays. It ends when its input ends, or when its sound has stopped: then it is started again.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass

from streamsep.engine.live.microphone import (
    GAIN,
    N_CALLBACKS,
    N_GAPS,
    ROOM,
    HeldMicrophone,
    microphone_address,
)
from streamsep.engine.live.priority import AUDIO_PRIORITY, collect_threads, raise_priority
from streamsep.errors import StreamsepError
from streamsep_bridge.audio.devices import find_device
from streamsep_bridge.audio.portaudio import answer_expected, end
from streamsep_bridge.audio.stream import NativeStream

TELL_S = 0.1
"""Pause between two reports."""

STALLED_S = 0.7
"""A stream that has not called back for so long is dead."""


@dataclass(frozen=True)
class MicOrder:
    """What to play.

    Attributes:
        input: Device of the microphone: name, part of it, or number.
        output: Device that the music plays on; None is the default.
        gain: Linear.
        room: The same for the room's answer.
    """

    input: str
    output: str | None
    gain: float
    room: float


def main() -> None:
    """Play until the orders end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the session's business
    line = sys.stdin.readline()
    if not line:
        return
    order = MicOrder(**json.loads(line))
    threads: set[int] = set()
    try:
        with collect_threads(threads), answer_expected(lambda: os._exit(1)):
            source, sink = find_device(order.input, "input"), find_device(order.output, "output")
            n_inputs, n_outputs = min(source.n_inputs, 2), min(sink.n_outputs, 2)
            rate = sink.sample_rate
            held = HeldMicrophone(rate, n_inputs, n_outputs, order.gain, order.room)
            address, argument = microphone_address(), held.address
            channels = (n_inputs, n_outputs)
            stream = NativeStream(source, sink, channels, rate, 0, address, argument)
            stream.start()
    except StreamsepError as error:
        say("waiting", reason=str(error))
        os._exit(1)
    raise_priority(threads, AUDIO_PRIORITY)
    say("playing", input=source.name, output=sink.name, buffer_ms=stream.buffer_ms)
    ended = threading.Event()
    threading.Thread(target=_obey, args=(held, ended), daemon=True).start()
    _report(held, ended)
    closing = threading.Thread(target=_leave, args=(stream,), daemon=True)
    closing.start()
    closing.join(0.3)
    os._exit(0)


def _obey(held: HeldMicrophone, ended: threading.Event) -> None:
    for line in sys.stdin:
        controls = json.loads(line)
        held.memory.wanted[GAIN], held.memory.wanted[ROOM] = controls["gain"], controls["room"]
    ended.set()


def _report(held: HeldMicrophone, ended: threading.Event) -> None:
    """Say how loud it is, until the orders or the sound end."""
    seen, seen_at_s = 0, time.monotonic()
    while not ended.wait(TELL_S):
        count = int(held.memory.counts[N_CALLBACKS])
        if count != seen:
            seen, seen_at_s = count, time.monotonic()
        elif time.monotonic() - seen_at_s > STALLED_S:
            say("waiting", reason="the sound server went away")
            os._exit(1)
        peak, held.memory.peak[0] = float(held.memory.peak[0]), 0.0
        say("level", peak=peak, gaps=int(held.memory.counts[N_GAPS]))


def _leave(stream: NativeStream) -> None:
    stream.close()
    end()


def say(event: str, **facts: object) -> None:
    """Tell the session; one that has ended does not hear it."""
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
