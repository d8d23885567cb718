"""Ardour's OSC surface: strips by number, named; https://manual.ardour.org, "Controlling Ardour with OSC"."""

from __future__ import annotations

from streamsep_bridge.daw.dialect import (
    ARM,
    GAIN,
    MUTE,
    POSITION,
    RECORDING,
    ROLLING,
    SOLO,
    Heard,
    RefusedError,
    Sent,
    level,
    number,
)
from streamsep_bridge.osc.packet import Message

# Buttons of strips, their values, heartbeat, master and transport, position in samples.
_FEEDBACK = 1 + 2 + 8 + 16 + 1024
_STRIPS = 31
_SILENCE_DB = -193.0
_MAX_STRIPS = 4096

_STRIP_WORDS = {
    "/strip/gain": GAIN,
    "/strip/mute": MUTE,
    "/strip/solo": SOLO,
    "/strip/recenable": ARM,
}
_STRIP_ADDRESSES = {what: address for address, what in _STRIP_WORDS.items()}
_TRANSPORT_WORDS = {"/transport_play": ROLLING, "/rec_enable_toggle": RECORDING}


class ArdourLink:
    """A `Dialect`; run against Ardour 7.3.

    Args:
        sample_rate: Of its session, in Hz.
        port: Where Ardour listens.
    """

    own_port = 0

    def __init__(self, sample_rate: int, port: int = 3819) -> None:
        self.host = ("127.0.0.1", port)
        self._rate = sample_rate
        self._numbers: dict[str, int] = {}
        self._tracks: dict[int, str] = {}
        self._is_recording: bool | None = None

    def greet(self, own_port: int) -> list[Sent]:
        """See `Dialect`."""
        return [("/set_surface", (0, _STRIPS, _FEEDBACK, 0, 0, 0, 0))]

    def read(self, message: Message) -> Heard | None:
        """See `Dialect`."""
        if message.address == "/strip/name":
            self._name(message)
        elif message.address in _STRIP_WORDS:
            what = _STRIP_WORDS[message.address]
            track = self._tracks.get(int(number(message, 0, 1, _MAX_STRIPS)))
            if track is not None:
                value = level(message, 1) if what == GAIN else number(message, 1, 0.0, 1.0)
                return Heard(what, value, track)
        elif message.address == "/position/samples":
            return Heard(POSITION, number(message, 0, 0, 2**62) / self._rate)
        elif message.address in _TRANSPORT_WORDS:
            what, value = _TRANSPORT_WORDS[message.address], number(message, 0, 0.0, 1.0)
            if what == RECORDING:
                self._is_recording = bool(value)
            return Heard(what, value)
        return None

    def move(self, track: str, what: str, value: float) -> list[Sent]:
        """See `Dialect`."""
        strip = self._numbers.get(track)
        if strip is None:
            return []
        sent = max(value, _SILENCE_DB) if what == GAIN else float(bool(value))
        return [(_STRIP_ADDRESSES[what], (strip, sent))]

    def transport(self, what: str, value: float) -> list[Sent]:
        """See `Dialect`."""
        if what == POSITION:
            return [("/locate", (round(value * self._rate), 0))]
        if what == ROLLING:
            return [("/transport_play" if value else "/transport_stop", ())]
        # The only word for it turns it over.
        is_over = self._is_recording is not None and self._is_recording != bool(value)
        return [("/rec_enable_toggle", (1.0,))] if is_over else []

    def _name(self, message: Message) -> None:
        strip = int(number(message, 0, 1, _MAX_STRIPS))
        name = message.arguments[1] if len(message.arguments) > 1 else None
        if not isinstance(name, str):
            raise RefusedError(f"/strip/name: {name!r} is no name")
        old = self._tracks.pop(strip, None)
        if old is not None and self._numbers.get(old) == strip:
            del self._numbers[old]
        self._tracks[strip] = name
        self._numbers[name] = strip
