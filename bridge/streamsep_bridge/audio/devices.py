"""Devices by name or number, and what each offers."""

from __future__ import annotations

from dataclasses import dataclass

from streamsep_bridge.audio.portaudio import DeviceError, load_sounddevice

_LOOPBACK_WORDS = ("loopback", "monitor", "blackhole", "soundflower", "stereo mix", "vb-audio")
_JACK = "JACK Audio Connection Kit"


@dataclass(frozen=True)
class Device:
    """One device of one host API.

    Attributes:
        index: PortAudio's number; it changes when devices come and go.
        name: As the system has it.
        api: Host API: ALSA, JACK, Core Audio, WASAPI, ...
        n_inputs: Most channels in.
        n_outputs: Most channels out.
        sample_rate: Its own, in Hz.
        is_default_input: Whether it is what records when none is named.
        is_default_output: Whether it is what plays when none is named.
    """

    index: int
    name: str
    api: str
    n_inputs: int
    n_outputs: int
    sample_rate: int
    is_default_input: bool
    is_default_output: bool

    @property
    def is_loopback(self) -> bool:
        """Whether its name says that it carries other programs' sound."""
        return any(word in self.name.lower() for word in _LOOPBACK_WORDS)


def list_devices() -> list[Device]:
    """Every device that PortAudio sees.

    The defaults are those of a running JACK server if there is one: whoever starts it means to use it,
    and PortAudio's own default may be a plug-in that only resembles it.

    Raises:
        MissingExtraError: sounddevice is not installed.
        DeviceError: PortAudio is not installed.
    """
    sounddevice = load_sounddevice()
    apis = sounddevice.query_hostapis()
    jack = [api for api in apis if api["name"] == _JACK and api["devices"]]
    if jack:
        defaults = jack[0]["default_input_device"], jack[0]["default_output_device"]
    else:
        defaults = tuple(sounddevice.default.device)
    return [
        Device(
            index=device["index"],
            name=device["name"],
            api=apis[device["hostapi"]]["name"],
            n_inputs=device["max_input_channels"],
            n_outputs=device["max_output_channels"],
            sample_rate=round(device["default_samplerate"]),
            is_default_input=device["index"] == defaults[0],
            is_default_output=device["index"] == defaults[1],
        )
        for device in sounddevice.query_devices()
    ]


def find_device(wanted: str | int | None, kind: str) -> Device:
    """The device that a name, part of a name, or number means.

    Args:
        wanted: A number, or a part of the name or of "API: name", in any case; None is the default.
        kind: "input" or "output".

    Raises:
        DeviceError: There is none, or several.
    """
    able = [d for d in list_devices() if (d.n_inputs if kind == "input" else d.n_outputs)]
    if not able:
        raise DeviceError(f"no {kind} device is there; connect one, or start JACK or PipeWire")
    if wanted is None:
        chosen = [
            d for d in able if (d.is_default_input if kind == "input" else d.is_default_output)
        ]
        return chosen[0] if chosen else able[0]
    text = str(wanted).strip()
    if text.isdecimal():
        found = [d for d in able if d.index == int(text)]
    else:
        named = [d for d in able if text.lower() == d.name.lower()]
        found = named or [d for d in able if text.lower() in f"{d.api}: {d.name}".lower()]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{d.index} {d.name} ({d.api})" for d in (found or able))
    what = (
        f"{len(found)} {kind} devices match '{text}'"
        if found
        else f"no {kind} device matches '{text}'"
    )
    raise DeviceError(f"{what}; there are: {names}")
