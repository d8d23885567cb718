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
from streamsep_bridge.audio.python_callback import python_callback

_RAW_STREAMS = {"duplex": "RawStream", "input": "RawInputStream", "output": "RawOutputStream"}

START_S = 5.0
"""A stream that has not called back after so long will not."""


class NativeStream:
    """An open stream; see the module's docstring.

    Args:
        source: Input device; None has no input.
        sink: Output device; None has no output. One of them there must be.
        channels: Of input and output; of a device that is None nobody asks.
        sample_rate: In Hz.
        block_size: Samples per callback; 0 takes the device's own, which adds no delay.
        function: Address of a callback, see `streamsep.engine.live.callback`.
        argument: What it gets.

    Raises:
        DeviceError: The devices refuse; the message says what they offer.

    Attributes:
        is_native: Whether PortAudio calls the machine code itself; else Python does, see
            `streamsep_bridge.audio.python_callback`.

    Latency: PortAudio's buffers, see `buffer_ms`. Thread: one controls; the callback runs in PortAudio's.
    """

    def __init__(
        self,
        source: Device | None,
        sink: Device | None,
        channels: tuple[int, int],
        sample_rate: int,
        block_size: int,
        function: int,
        argument: int,
    ) -> None:
        sounddevice = load_sounddevice()
        check_channels(source, sink, channels)
        ffi, ends = sounddevice._ffi, _ends(source, sink, channels)
        form = {
            "samplerate": sample_rate,
            "blocksize": block_size,
            "dtype": "float32",
            "latency": "low",
        }
        self.is_native = True
        try:
            try:
                self._stream = sounddevice._StreamBase(
                    **ends,
                    **form,
                    callback=ffi.cast("PaStreamCallback *", function),
                    userdata=ffi.cast("void *", argument),
                )
            except (AttributeError, TypeError):
                # sounddevice has no public way to hand over machine code; this one may go.
                self.is_native = False
                has_ends = (source is not None, sink is not None)
                callback = python_callback(function, argument, *has_ends, ffi)
                make = getattr(sounddevice, _RAW_STREAMS[ends.pop("kind")])
                self._stream = make(**ends, **form, callback=callback)
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
        latency = self._stream.latency
        total = sum(latency) if isinstance(latency, tuple) else latency
        return 1000.0 * total if 0.0 <= total < 10.0 else None

    def close(self) -> None:
        """Stop and close. Hangs if the server is dead: only for one that lives."""
        self._stream.abort()
        self._stream.close()


def probe_block_size(
    source: Device | None, sink: Device, channels: tuple[int, int], rate: int
) -> int:
    """Samples per callback that the devices use by themselves.

    Args:
        source: Input device; None has no input.
        sink: Output device.
        channels: Of input and output.
        rate: In Hz.

    Raises:
        DeviceError: The devices refuse or do not call back.
    """
    sounddevice, sizes = load_sounddevice(), []
    check_channels(source, sink, channels)

    def listen(*arguments: Any) -> None:
        outdata, n = arguments[-4:-2]
        outdata[:] = b"\0" * len(outdata)
        sizes.append(n)

    ends = _ends(source, sink, channels)
    make = getattr(sounddevice, _RAW_STREAMS[ends.pop("kind")])
    try:
        with make(**ends, samplerate=rate, dtype="float32", latency="low", callback=listen):
            end = time.monotonic() + START_S
            while len(sizes) < 3 and time.monotonic() < end:
                time.sleep(0.002)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise refusal(error, source, sink, rate) from error
    if not sizes:
        raise DeviceError("the device took the stream but plays nothing; restart its server")
    return max(sizes)


def _ends(source: Device | None, sink: Device | None, channels: tuple[int, int]) -> dict[str, Any]:
    """What sounddevice wants to know of a stream with two ends, or with one."""
    if source is not None and sink is not None:
        return {"kind": "duplex", "device": (source.index, sink.index), "channels": channels}
    if source is not None:
        return {"kind": "input", "device": source.index, "channels": channels[0]}
    assert sink is not None
    return {"kind": "output", "device": sink.index, "channels": channels[1]}


def check_channels(source: Device | None, sink: Device | None, channels: tuple[int, int]) -> None:
    """Refuse what PortAudio would refuse with a number.

    Raises:
        DeviceError: A device has fewer channels than asked for.
    """
    for device, kind, wants in ((source, "input", channels[0]), (sink, "output", channels[1])):
        if device is None:
            continue
        has = device.n_inputs if kind == "input" else device.n_outputs
        if has < wants:
            raise DeviceError(
                f"{kind} device '{device.name}' has {has} channels, {wants} are needed; choose another "
                "with --in or --out (streamsep devices lists them)"
            )


def refusal(error: Exception, source: Device | None, sink: Device | None, rate: int) -> DeviceError:
    """PortAudio's refusal in words, with the remedy."""
    text, devices = str(error), [device for device in (source, sink) if device is not None]
    names = " and ".join(dict.fromkeys(device.name for device in devices))
    if "sample rate" in text.lower() or "samplerate" in text.lower():
        rates = " and ".join(dict.fromkeys(str(device.sample_rate) for device in devices))
        return DeviceError(
            f"{names} cannot run at {rate} Hz, but at {rates} Hz; "
            f"choose --rate {devices[-1].sample_rate}" + " or --split" * (" and " in rates)
        )
    if "unavailable" in text.lower() or "busy" in text.lower():
        return DeviceError(
            f"{names} is in use by another program; close that, or choose another device"
        )
    return DeviceError(f"{names} does not open ({text}); streamsep devices lists what is there")
