"""A PortAudio stream whose callback is machine code: Python cannot delay it.

PortAudio over a JACK server that died hangs in every call, so `start` has a time limit, and whoever holds
a `NativeStream` lives in a process of its own that can be killed (`streamsep_bridge.live.host`).
"""

from __future__ import annotations

import threading
import time
from typing import Any

from streamsep_bridge.audio.devices import Device
from streamsep_bridge.audio.portaudio import DeviceError, load_sounddevice

START_S = 5.0
"""A stream that has not called back after so long will not."""


class NativeStream:
    """An open duplex stream; see the module's docstring.

    Args:
        source: Input device.
        sink: Output device.
        channels: Of input and output.
        sample_rate: In Hz.
        block_size: Samples per callback; 0 takes the device's own, which adds no delay.
        function: Address of a callback, see `streamsep.engine.live.callback`.
        argument: What it gets.

    Raises:
        DeviceError: The devices refuse; the message says what they offer.

    Latency: PortAudio's buffers, see `buffer_ms`. Thread: one controls; the callback runs in PortAudio's.
    """

    def __init__(
        self,
        source: Device,
        sink: Device,
        channels: tuple[int, int],
        sample_rate: int,
        block_size: int,
        function: int,
        argument: int,
    ) -> None:
        sounddevice = load_sounddevice()
        check_channels(source, sink, channels)
        ffi = sounddevice._ffi
        try:
            self._stream = sounddevice._StreamBase(
                kind="duplex",
                device=(source.index, sink.index),
                channels=channels,
                samplerate=sample_rate,
                blocksize=block_size,
                dtype="float32",
                latency="low",
                callback=ffi.cast("PaStreamCallback *", function),
                userdata=ffi.cast("void *", argument),
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            raise refusal(error, source, sink, sample_rate) from error

    def start(self) -> None:
        """Start, or give up after `START_S`.

        Raises:
            DeviceError: No callback came, or PortAudio refused.
        """
        result: list[Any] = []

        def start() -> None:
            try:
                self._stream.start()
                result.append(None)
            except Exception as error:
                result.append(error)

        thread = threading.Thread(target=start, daemon=True)
        thread.start()
        thread.join(START_S)
        if not result:
            raise DeviceError("the device took the stream but plays nothing; restart its server")
        if result[0] is not None:
            raise DeviceError(f"the device does not start ({result[0]}); is it in use?")

    @property
    def buffer_ms(self) -> float | None:
        """What PortAudio says of input and output buffers together; None where it says nonsense."""
        total = sum(self._stream.latency)
        return 1000.0 * total if 0.0 <= total < 10.0 else None

    def close(self) -> None:
        """Stop and close. Hangs if the server is dead: only for one that lives."""
        self._stream.abort()
        self._stream.close()


def probe_block_size(source: Device, sink: Device, channels: tuple[int, int], rate: int) -> int:
    """Samples per callback that the devices use by themselves.

    Raises:
        DeviceError: The devices refuse or do not call back.
    """
    sounddevice, sizes = load_sounddevice(), []
    check_channels(source, sink, channels)

    def listen(indata: Any, outdata: Any, n: int, when: Any, status: Any) -> None:
        del indata, when, status
        outdata[:] = b"\0" * len(outdata)
        sizes.append(n)

    try:
        with sounddevice.RawStream(
            device=(source.index, sink.index),
            channels=channels,
            samplerate=rate,
            dtype="float32",
            latency="low",
            callback=listen,
        ):
            end = time.monotonic() + START_S
            while len(sizes) < 3 and time.monotonic() < end:
                time.sleep(0.002)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise refusal(error, source, sink, rate) from error
    if not sizes:
        raise DeviceError("the device took the stream but plays nothing; restart its server")
    return max(sizes)


def check_channels(source: Device, sink: Device, channels: tuple[int, int]) -> None:
    """Refuse what PortAudio would refuse with a number.

    Raises:
        DeviceError: A device has fewer channels than asked for.
    """
    for device, kind, has, wants in (
        (source, "input", source.n_inputs, channels[0]),
        (sink, "output", sink.n_outputs, channels[1]),
    ):
        if has < wants:
            raise DeviceError(
                f"{kind} device '{device.name}' has {has} channels, {wants} are needed; choose another "
                "with --in or --out (streamsep devices lists them)"
            )


def refusal(error: Exception, source: Device, sink: Device, rate: int) -> DeviceError:
    """PortAudio's refusal in words, with the remedy."""
    text = str(error)
    names = source.name if source.name == sink.name else f"{source.name} and {sink.name}"
    if "sample rate" in text.lower() or "samplerate" in text.lower():
        return DeviceError(
            f"{names} cannot run at {rate} Hz; their rates are {source.sample_rate} and "
            f"{sink.sample_rate} Hz: choose --rate {sink.sample_rate}"
        )
    if "unavailable" in text.lower() or "busy" in text.lower():
        return DeviceError(
            f"{names} is in use by another program; close that, or choose another device"
        )
    return DeviceError(f"{names} does not open ({text}); streamsep devices lists what is there")
