"""REAPER's OSC by the messages of its Default.ReaperOSC; tested against those, not run in REAPER."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
from streamsep_bridge.daw.setup import FEEDBACK_PORT
from streamsep_bridge.osc.packet import Message

_TRACK = re.compile(r"/track/(\d{1,4})/(name|volume/db|mute|solo|recarm)")
_WORDS = {"volume/db": GAIN, "mute": MUTE, "solo": SOLO, "recarm": ARM}
_PATHS = {what: path for path, what in _WORDS.items()}
_SILENCE_DB = -150.0
_LONGEST_S = 1e6

REFRESH = 41743
"""REAPER's action "Control surface: refresh all surfaces": it tells everything anew."""


class ReaperLink:
    """A `Dialect`.

    Args:
        tracks: Names of the tracks, in the project's order after the mixture's, which is the first; what
            REAPER tells of names goes before.
        port: Where REAPER listens; it has to be told to send to `FEEDBACK_PORT`.
    """

    own_port = FEEDBACK_PORT

    def __init__(self, tracks: Iterable[str], port: int = 8000) -> None:
        self.host = ("127.0.0.1", port)
        self._tracks = dict(enumerate(tracks, start=2))
        self._is_recording = False

    def greet(self, own_port: int) -> list[Sent]:
        """See `Dialect`."""
        return [("/action", (REFRESH,))]

    def read(self, message: Message) -> Heard | None:
        """See `Dialect`."""
        if message.address == "/time":
            return Heard(POSITION, number(message, 0, 0.0, _LONGEST_S))
        if message.address == "/play":
            return Heard(ROLLING, number(message, 0, 0.0, 1.0))
        if message.address == "/record":
            self._is_recording = bool(number(message, 0, 0.0, 1.0))
            return Heard(RECORDING, float(self._is_recording))
        found = _TRACK.fullmatch(message.address)
        if found is None:
            return None
        index, word = int(found[1]), found[2]
        if word == "name":
            name = message.arguments[0] if message.arguments else None
            if not isinstance(name, str):
                raise RefusedError(f"{message.address}: {name!r} is no name")
            self._tracks[index] = name
            return None
        what = _WORDS[word]
        value = level(message, 0) if what == GAIN else number(message, 0, 0.0, 1.0)
        return Heard(what, value, self._tracks[index]) if index in self._tracks else None

    def move(self, track: str, what: str, value: float) -> list[Sent]:
        """See `Dialect`."""
        sent = max(value, _SILENCE_DB) if what == GAIN else float(bool(value))
        return [
            (f"/track/{index}/{_PATHS[what]}", (sent,))
            for index, name in self._tracks.items()
            if name == track
        ][:1]

    def transport(self, what: str, value: float) -> list[Sent]:
        """See `Dialect`. REAPER has one word for rolling and recording."""
        if what == POSITION:
            return [("/time", (float(value),))]
        if what == ROLLING:
            return [("/play" if value else "/stop", (1.0,))]
        return [("/record", (1.0,))] if self._is_recording != bool(value) else []
