"""The audio process: `python -m streamsep_bridge.live.host`, started by `HostProcess`.

It lives in a process of its own because PortAudio over a dead server hangs in every call: this one can be
killed. It reads orders from standard input, one JSON object a line, and answers on standard output. When
its input ends, so does it. Everything slow happens here beside the audio thread; that thread runs machine
code only.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from streamsep.engine.live.callback import callback_address
from streamsep.engine.live.desk import Desk
from streamsep.engine.live.engine import LiveEngine, LiveFormat
from streamsep.engine.live.intake import LATENCY_NS
from streamsep.engine.live.memory import BYPASS, MASTER
from streamsep.engine.live.prepare import PreparedSlot, prepare_slot
from streamsep.engine.live.priority import (
    AUDIO_PRIORITY,
    collect_threads,
    is_real_time,
    raise_priority,
)
from streamsep.engine.live.pump import pump_address
from streamsep.errors import StreamsepError
from streamsep_bridge.audio import portaudio
from streamsep_bridge.audio.devices import Device, find_device
from streamsep_bridge.audio.portaudio import ANSWER_S, DeviceError, answer_expected, restart
from streamsep_bridge.audio.stream import NativeStream, probe_block_size
from streamsep_bridge.live.file_player import FilePlayer
from streamsep_bridge.live.inlet import Inlet, open_inlet
from streamsep_bridge.live.memory_file import lock_memory, open_memory
from streamsep_bridge.live.orders import follow_orders
from streamsep_bridge.live.settings import HostOrder, ModelChoice
from streamsep_bridge.live.telling import failures_told, say
from streamsep_bridge.rack.keeper import RackKeeper

RETRY_S = 0.25
"""Pause before a missing device is looked for again."""

CLOSE_S = 0.3
"""A stream that does not close within this time is left to the system."""


class Host:
    """The audio process at work.

    Args:
        order: What to play.
        desk: Shared with the session.
    """

    def __init__(self, order: HostOrder, desk: Desk) -> None:
        self.order, self.desk = order, desk
        self._slots: dict[int, PreparedSlot] = {}
        self._engine: LiveEngine | None = None
        self._stream: NativeStream | None = None
        self._inlet: Inlet | None = None
        self.player = order.source and FilePlayer(
            order.source, lambda reason: say("source_ended", reason=reason)
        )
        form = {"channels": order.audio.channels, "record_frames": order.record_frames}
        self.racks = order.fx and RackKeeper(order.fx, desk, Path(order.memory), form, say)
        self._delays, self._block_size = (0, 0), 0
        self._audio_threads: set[int] = set()

    def open(self) -> None:
        """Play; waits for devices as long as it takes, and says so once."""
        told = ""
        while True:
            try:
                self._start()
                return
            except DeviceError as error:
                if str(error) != told:
                    told = str(error)
                    say("waiting", reason=told)
                self.close()
                time.sleep(RETRY_S)
                with collect_threads(self._audio_threads), answer_expected(give_up):
                    restart()

    def _start(self) -> None:
        audio = self.order.audio
        with collect_threads(self._audio_threads), answer_expected(give_up):
            sink = find_device(audio.output, "output")
            rate = audio.sample_rate or sink.sample_rate
            inlet = open_inlet(audio, sink, rate, self.desk.intake, self.player)
        self._inlet = inlet
        preset = self.order.model.find()
        n_outputs = (len(preset.stems) if audio.has_stem_outputs else 1) * audio.channels
        channels = (audio.channels, n_outputs)
        with answer_expected(give_up):
            block = audio.block_size or probe_block_size(inlet.device, sink, channels, rate)
        form = LiveFormat(rate, audio.channels, n_outputs, audio.has_stem_outputs, audio.is_limited)
        model = self.order.model
        first = prepare_slot(preset, form, block, model.precision, model.mode, model.engine)
        if self.racks:
            self._delays = self.racks.open(rate, block)
            self.racks.use_stems(0, list(first.stems))
        self._engine = LiveEngine(
            first.held, self._matrices(first), form, self.desk, inlet.intake, self._delays
        )
        self._set_ramps(self._engine)
        self._slots, self._block_size = {0: first}, block
        first.start()
        with collect_threads(self._audio_threads), answer_expected(give_up):
            self._stream = NativeStream(
                inlet.device,
                sink,
                channels,
                rate,
                audio.block_size,
                callback_address(),
                self._engine.address,
            )
            inlet.start()
            self._stream.start()
        lock_memory()
        inlet.settle()
        if self.racks:
            say("racks", racks=self.racks.go())
        say("playing", **self._describe(0), **self._describe_audio(inlet, sink, rate))

    def _set_ramps(self, engine: LiveEngine) -> None:
        """Where bypass and master are from the first sample on."""
        engine.set_at_start(BYPASS, self.order.dryness)
        engine.set_at_start(MASTER, self.order.master)

    def change(
        self, model: ModelChoice, matrices: dict[str, list[list[float]]], number: int
    ) -> None:
        """Prepare another model beside the one that plays."""
        assert self._engine is not None
        try:
            prepared = prepare_slot(
                model.find(),
                self._engine.audio,
                self._block_size,
                model.precision,
                model.mode,
                model.engine,
            )
            while self.desk.is_changing:
                time.sleep(0.005)
            index = self._engine.place(prepared.held, self._matrices(prepared, matrices))
        except StreamsepError as error:
            say("refused", number=number, reason=str(error))
            return
        if index in self._slots:
            self._slots.pop(index).stop()
        self._slots[index] = prepared
        if self.racks:
            self.racks.use_stems(index, list(prepared.stems))
        prepared.start()
        say("prepared", number=number, **self._describe(index))

    def close(self, is_farewell: bool = False) -> None:
        """Close what is open; over a dead server that would hang, so it gets only so long.

        Args:
            is_farewell: Whether PortAudio is not needed any more either.
        """
        ends = [end for end in (self._stream, self._inlet, self.racks) if end is not None]
        self._stream = self._inlet = None

        def close() -> None:
            for end in ends:
                end.close()
            if is_farewell:
                portaudio.end()

        closing = threading.Thread(target=close, daemon=True)
        closing.start()
        closing.join(CLOSE_S)

    def _matrices(
        self, prepared: PreparedSlot, matrices: dict[str, list[list[float]]] | None = None
    ) -> np.ndarray:
        wanted = self.order.matrices if matrices is None else matrices
        unity = np.eye(self.order.audio.channels)
        return np.stack([np.array(wanted.get(name, unity)) for name in prepared.stems])

    def _describe(self, index: int) -> dict[str, Any]:
        prepared = self._slots[index]
        spec = prepared.held.program.spec
        return {
            "slot": index,
            "preset": prepared.preset.name,
            "profile": prepared.preset.profile,
            "stem_set": prepared.preset.stem_set,
            "stems": list(spec.targets),
            "latency_samples": prepared.held.slot.latency + sum(self._delays),
            "rack_samples": sum(self._delays),
            "is_inline": prepared.is_inline,
            "hop_ms": prepared.hop_ms,
            "engine": prepared.engine,
            "wanted_engine": prepared.wanted_engine,
        }

    def _raise_priority(self) -> bool:
        """Whether sound goes before ordinary work, by its driver or else by us."""
        if any(is_real_time(thread) for thread in self._audio_threads):
            return True
        return raise_priority(self._audio_threads, AUDIO_PRIORITY)

    def _describe_audio(self, inlet: Inlet, sink: Device, rate: int) -> dict[str, Any]:
        assert self._stream is not None
        buffers = [end.buffer_ms for end in (self._stream, inlet)]
        known = [buffer_ms for buffer_ms in buffers if buffer_ms is not None]
        return {
            "input": inlet.name,
            "output": sink.name,
            "api": sink.api,
            "sample_rate": rate,
            "block_size": self._block_size,
            "buffer_ms": sum(known) if len(known) == len(buffers) else None,
            "intake_ms": int(self.desk.intake[LATENCY_NS]) / 1e6,
            "has_priority": self._raise_priority(),
            "is_native": self._stream.is_native,
        }


def give_up() -> None:
    """PortAudio hangs and cannot be ended: this process is; the session starts another."""
    say("waiting", reason=f"the sound server has not answered for {ANSWER_S:g} s; restart it")
    os._exit(1)


def main() -> None:
    """Follow orders until they end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the session's business
    callback_address(), pump_address()  # machine code first: it needs neither orders nor a device
    line = sys.stdin.readline()
    if not line:  # started early, and nobody came
        return
    order = HostOrder.from_json(line)
    memory = memoryview(open_memory(Path(order.memory)))
    with failures_told():
        rack_frames = order.fx.rack_frames if order.fx else 0
        desk = Desk(order.audio.channels, order.record_frames, memory, rack_frames)
        host = Host(order, desk)

    def open_host() -> None:
        with failures_told():
            host.open()

    opening = threading.Thread(target=open_host, daemon=True)
    opening.start()

    def change(model: dict[str, Any], **order: Any) -> None:
        opening.join()
        host.change(ModelChoice(**model), **order)

    def move_source(**order: Any) -> None:
        if host.player is not None:
            host.player.obey(**order)

    def move_rack(**order: Any) -> None:
        opening.join()
        if host.racks is not None:
            host.racks.obey(**order)

    follow_orders(change, move_source, move_rack)
    host.close(is_farewell=True)
    os._exit(0)


if __name__ == "__main__":
    main()
