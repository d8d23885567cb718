"""`DawLink`: strips of a DAW and faders of a live session stand at the same places.

    with LiveSession(stem_outputs=True) as live, DawLink(live, ArdourLink(48000), tracks) as link:
        live.stems["vocals"].gain_db = -6  # Ardour's fader of the track Vocals goes to -6 dB

Where the gain acts is a matter of what the bridge plays: stems at unity, so that the DAW's strips mix them,
or its own mix, which goes past those strips. In no path do both act. When the DAW's playhead jumps, a fresh
model is faded in: the one before remembers other music.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from streamsep.errors import StreamsepError
from streamsep_bridge.daw.agreement import Agreement
from streamsep_bridge.daw.dialect import (
    ARM,
    GAIN,
    MUTE,
    POSITION,
    RECORDING,
    ROLLING,
    SOLO,
    Dialect,
    Heard,
    Sent,
)
from streamsep_bridge.daw.playhead import Playhead
from streamsep_bridge.daw.setup import DawError
from streamsep_bridge.osc.encode import encode, load_builder
from streamsep_bridge.osc.packet import MAX_BYTES, decode

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession

LOOK_S = 0.01
"""The session's faders are looked at so often."""

SILENT_S = 3.0
"""A DAW that has told nothing for so long is asked again; it may have been closed."""

_AT_ONCE = 256
_RESTING = {GAIN: 0.0, MUTE: 0.0, SOLO: 0.0}


class DawLink:
    """See the module's docstring. Use it with `with`.

    Where both sides differ at first, a fader of the session that was moved wins, else the DAW's.

    Args:
        session: Whose faders; in any state.
        dialect: Adapter of the DAW.
        tracks: Name of every stem's track.
        has_come: Called when the DAW answers, first or after a while; in the link's thread.

    Raises:
        MissingExtraError: (on entry) python-osc is not installed.
        DawError: (on entry) The port for feedback cannot be had.

    Attributes:
        playhead: Of the DAW.
        armed: Stems whose tracks are armed.
        is_recording: Whether the DAW's transport is armed.
        is_connected: Whether the DAW answers.
        n_refused: Packets that meant nothing. None comes from another machine.
        n_jumps: Times that the playhead jumped.

    Latency: `LOOK_S` to the DAW; from it its own feedback's. Thread: its own. Allocates: yes.
    """

    def __init__(
        self,
        session: LiveSession,
        dialect: Dialect,
        tracks: Mapping[str, str],
        has_come: Callable[[], None] = lambda: None,
    ) -> None:
        self._session, self._dialect = session, dialect
        self._tracks = dict(tracks)
        self._stems = {track: stem for stem, track in tracks.items()}
        self._has_come = has_come
        self._agreements = {(stem, what): Agreement() for stem in tracks for what in _RESTING}
        self.playhead = Playhead()
        self.armed: set[str] = set()
        self.is_recording = self.is_connected = False
        self.n_refused = self.n_jumps = 0
        self._heard_s = self._asked_s = -SILENT_S
        self._ended, self._has_jumped = threading.Event(), threading.Event()

    def __enter__(self) -> DawLink:
        load_builder()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind(("127.0.0.1", self._dialect.own_port))
        except OSError as error:
            self._socket.close()
            raise DawError(
                f"port {self._dialect.own_port} cannot be had ({error.strerror}); "
                "close what listens there"
            ) from error
        self._socket.settimeout(LOOK_S)
        self._threads = [
            threading.Thread(target=run, daemon=True, name="streamsep-daw")
            for run in (self._run, self._start_anew)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._ended.set()
        self._has_jumped.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def arm(self, is_on: bool) -> None:
        """Arm the tracks of all stems, or disarm them."""
        for track in self._tracks.values():
            self._send(self._dialect.move(track, ARM, float(is_on)))

    def record(self, is_on: bool) -> None:
        """Arm the DAW's transport, or disarm it; what is armed records while it rolls."""
        self._send(self._dialect.transport(RECORDING, float(is_on)))

    def roll(self, is_on: bool) -> None:
        """Play, or stop."""
        self._send(self._dialect.transport(ROLLING, float(is_on)))

    def locate(self, position_s: float) -> None:
        """Move the playhead; stop it before, where it is to wait there."""
        self._send(self._dialect.transport(POSITION, position_s))

    def _run(self) -> None:
        while not self._ended.is_set():
            self._listen()
            now_s = time.monotonic()
            self.is_connected = now_s - self._heard_s < SILENT_S
            if not self.is_connected and now_s - self._asked_s >= 1.0:
                self._asked_s = now_s
                self._send(self._dialect.greet(self._socket.getsockname()[1]))
            self._tell(now_s)

    def _listen(self) -> None:
        """Hear what has come, at least for `LOOK_S`."""
        for _ in range(_AT_ONCE):
            try:
                packet = self._socket.recv(MAX_BYTES + 1)
            except OSError:  # nothing more, or nobody listens where we sent to
                return
            self._hear_packet(packet)
            if self._ended.is_set():
                return

    def _hear_packet(self, packet: bytes) -> None:
        now_s = time.monotonic()
        was_silent = now_s - self._heard_s >= SILENT_S
        try:
            for message in decode(packet):
                heard = self._dialect.read(message)
                self._heard_s = now_s
                if heard is not None:
                    self._hear(heard, now_s)
        except StreamsepError:
            self.n_refused += 1
        if was_silent and self._heard_s == now_s:
            self._has_come()

    def _hear(self, heard: Heard, now_s: float) -> None:
        stem = self._stems.get(heard.track)
        if heard.what == POSITION:
            if self.playhead.has_jumped(heard.value, now_s):
                self.n_jumps += 1
                self._has_jumped.set()
        elif heard.what == ROLLING:
            self.playhead.is_rolling = bool(heard.value)
        elif heard.what == RECORDING:
            self.is_recording = bool(heard.value)
        elif stem is not None and heard.what == ARM:
            (self.armed.add if heard.value else self.armed.discard)(stem)
        elif stem is not None and stem in self._session.stems.names:
            self._follow(stem, heard.what, heard.value, now_s)

    def _follow(self, stem: str, what: str, there: float, now_s: float) -> None:
        """The DAW's strip is there: the fader goes there too, unless it has sent it there."""
        agreement, here = self._agreements[stem, what], self._here(stem, what)
        if agreement.is_open and here != _RESTING[what]:
            agreement.send(here, now_s)
            self._send(self._dialect.move(self._tracks[stem], what, here))
        elif agreement.should_take(there, now_s):
            setattr(self._session.stems[stem], what, there if what == GAIN else bool(there))
            agreement.take(self._here(stem, what))

    def _tell(self, now_s: float) -> None:
        """Send what has moved in the session."""
        names = self._session.stems.names
        for (stem, what), agreement in self._agreements.items():
            if stem in names and agreement.should_send(self._here(stem, what), now_s):
                self._send(self._dialect.move(self._tracks[stem], what, self._here(stem, what)))

    def _here(self, stem: str, what: str) -> float:
        return float(getattr(self._session.stems[stem], what))

    def _send(self, messages: list[Sent]) -> None:
        for address, arguments in messages:
            with contextlib.suppress(OSError):  # it may be closed
                self._socket.sendto(encode(address, arguments), self._dialect.host)

    def _start_anew(self) -> None:
        """After a jump the model has heard other music than what comes: a fresh one is faded in."""
        while True:
            self._has_jumped.wait()
            self._has_jumped.clear()
            if self._ended.is_set():
                return
            with contextlib.suppress(StreamsepError):  # the sound may have gone meanwhile
                self._session.change()
