"""A session as a screen: drawn about ten times a second, moved by keys."""

from __future__ import annotations

import contextlib
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live

from streamsep.errors import StreamsepError
from streamsep_bridge.live.session import LiveSession
from streamsep_bridge.live.status import Status
from streamsep_bridge.screen.actions import handle
from streamsep_bridge.screen.face import Face
from streamsep_bridge.screen.keys import KeyReader
from streamsep_bridge.screen.lines import summarise
from streamsep_bridge.screen.render import render
from streamsep_bridge.screen.view import View
from streamsep_bridge.screen.wording import describe_event

if TYPE_CHECKING:
    from streamsep_bridge.karaoke.words import Words
    from streamsep_bridge.midi.control import MidiControl


class Screen(Face):
    """See the module's docstring. A key acts when it is pressed, not when the screen is drawn.

    Args:
        session: What is shown and moved.
        console: A terminal.
        wanted: Devices that the session waits for, in words.
        midi: Learns controls; None has no controller.
        words: Are shown when they are sung; None has none.
    """

    def __init__(
        self,
        session: LiveSession,
        console: Console,
        wanted: str,
        midi: MidiControl | None = None,
        words: Words | None = None,
    ) -> None:
        self._session, self._console = session, console
        self._view = View(wanted, midi=midi, words=words)
        self._changing: threading.Thread | None = None

    def __enter__(self) -> Screen:
        keys = KeyReader(lambda key: handle(key, self._session, self._view))
        with contextlib.ExitStack() as stack:
            stack.enter_context(keys)
            self._live = stack.enter_context(
                Live(console=self._console, screen=True, auto_refresh=False)
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def tell(self, event: dict[str, Any]) -> None:
        """Put it among the messages."""
        text = describe_event(event, self._view.wanted)
        if text:
            self._tell(text)

    def show(self, status: Status, played_s: float) -> None:
        """Draw, and take up a profile that was asked for."""
        view, session = self._view, self._session
        self.is_ended = view.is_ended
        self._change_profile()
        view.hold_peaks(status.peaks_db, time.monotonic())
        picture = render(status, session.stems, view, played_s, session.bypass)
        self._live.update(picture, refresh=True)

    def end(self, status: Status, played_s: float) -> None:
        """Print how it was, below what was there before."""
        self._console.print(summarise(status, played_s))

    def _change_profile(self) -> None:
        """One change at a time, beside the drawing; the latest wish is the next."""
        profile = self._view.asked_profile
        if not profile or (self._changing is not None and self._changing.is_alive()):
            return
        self._view.asked_profile = ""
        self._tell(f"preparing {profile}")
        self._changing = threading.Thread(target=self._change_to, args=(profile,), daemon=True)
        self._changing.start()

    def _change_to(self, profile: str) -> None:
        try:
            self._session.change(profile=profile)
        except StreamsepError as error:
            self._tell(str(error))

    def _tell(self, text: str) -> None:
        self._view.messages.append(f"{time.strftime('%H:%M:%S')} {text}")
