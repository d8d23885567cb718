"""What every way of showing a session has in common."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from streamsep_bridge.live.status import Status


class Face:
    """Shows a session: as a screen, as plain lines, or as JSON. This one shows nothing.

    Attributes:
        is_ended: Whether the user wants to leave.

    Thread: the one that plays, see `streamsep_bridge.screen.show.play`.
    """

    is_ended = False

    def __enter__(self) -> Face:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""

    def tell(self, event: dict[str, Any]) -> None:
        """Something happened; see `LiveSession.listen`."""

    def show(self, status: Status, played_s: float) -> None:
        """How things are; called about ten times a second.

        Args:
            status: Of now.
            played_s: Seconds of sound so far.
        """

    def end(self, status: Status, played_s: float) -> None:
        """How it was in the end; called when the session has stopped."""
