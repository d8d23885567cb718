"""A DAW beside a session that plays: checked, patched and linked whenever one of the two comes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamsep.errors import StreamsepError
from streamsep_bridge.daw.ardour_link import ArdourLink
from streamsep_bridge.daw.dialect import Dialect
from streamsep_bridge.daw.link import DawLink
from streamsep_bridge.daw.patchbay import patch
from streamsep_bridge.daw.reaper_link import ReaperLink
from streamsep_bridge.daw.setup import DawSetup, check_delay, load_setup

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession


class DawBeside:
    """See the module's docstring. Use it with `with`, around the time that the session plays.

    A project that compensates another delay stops the session. What goes wrong later is told: another model
    whose delay does not fit, or a DAW that has gone when the sound returns.

    Args:
        session: Not yet started.
        folder: Of the project.
        has_stem_outputs: Whether the session gives stems, for a track each, or its own mix.
        tell: Called with a line for the user.

    Raises:
        DawError: The folder has no project of ours; (on exit) the delay is another, or Ardour is not there.
        MissingExtraError: (on entry) python-osc is not installed.

    Attributes:
        setup: Of the project.
        link: To the DAW.
    """

    def __init__(
        self,
        session: LiveSession,
        folder: Path,
        has_stem_outputs: bool = True,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.setup = load_setup(folder)
        self._session, self._folder, self._tell = session, folder, tell
        self._has_stem_outputs = has_stem_outputs
        self.link = DawLink(session, make_dialect(self.setup), self.setup.tracks, self._has_come)
        self._is_wanted, self._is_ended = threading.Event(), False
        self._is_patched, self._was_right = False, False
        self._problem: StreamsepError | None = None

    def __enter__(self) -> DawBeside:
        self.link.__enter__()
        self._stop_listening = self._session.listen(self._hear)
        self._thread = threading.Thread(target=self._run, daemon=True, name="streamsep-patch")
        self._thread.start()
        if self._session.status().state == "playing":
            self._is_wanted.set()
        return self

    def __exit__(self, *problem: object) -> None:
        self._stop_listening()
        self.link.__exit__()
        self._is_ended = True
        self._is_wanted.set()
        self._thread.join()
        if self._problem is not None:
            raise self._problem

    def _hear(self, event: dict[str, Any]) -> None:
        if event["event"] == "playing":
            self._is_patched = False
        if event["event"] in ("playing", "changed"):
            self._is_wanted.set()

    def _has_come(self) -> None:
        self._tell(f"{self.setup.daw} answers")
        self._is_patched = False
        self._is_wanted.set()

    def _run(self) -> None:
        while True:
            self._is_wanted.wait()
            self._is_wanted.clear()
            if self._is_ended:
                return
            status = self._session.status(is_peek=True)
            if status.state != "playing":
                continue
            try:
                check_delay(self._folder, self.setup, status.facts)
                if not self._is_patched and self.setup.daw == "ardour":
                    self._is_patched = True
                    patch(self.setup, self._has_stem_outputs)
                    self._tell(self._describe())
                self._was_right = True
            except StreamsepError as problem:
                if self._was_right:
                    self._tell(str(problem))
                    continue
                self._problem = problem
                self._session.stop()
                return

    def _describe(self) -> str:
        delay = f"{self.setup.delay_samples} samples made good"
        if self._has_stem_outputs:
            return (
                f"stems at unity to {', '.join(self.setup.tracks.values())}, mixed there; {delay}"
            )
        return "the bridge's own mix to the master, past the strips, which move the bridge's faders"


def make_dialect(setup: DawSetup) -> Dialect:
    """The adapter of a project's DAW."""
    if setup.daw == "ardour":
        return ArdourLink(setup.sample_rate, setup.osc_port)
    return ReaperLink(setup.tracks.values(), setup.osc_port)
