"""Why a client is not served (any more): every reason has a name, a close code and a remedy."""

from __future__ import annotations

CLOSE_CODES = {
    "hello": 1003,
    "order": 1003,
    "sound": 1003,
    "token": 1008,
    "idle": 1008,
    "stalled": 1008,
    "busy": 1013,
    "draining": 1012,
    "failed": 1011,
}
"""Close code of the WebSocket for each reason, as RFC 6455 and the registry behind it have them."""


class Refused(Exception):  # noqa: N818 - it is no error of ours
    """A client did what it must not, or wants what cannot be had; it hears this, then its stream ends.

    Args:
        reason: One of `CLOSE_CODES`.
        message: What was found, and what was expected.
        remedy: What to do about it.
    """

    def __init__(self, reason: str, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.reason, self.message, self.remedy = reason, message, remedy

    @property
    def code(self) -> int:
        """Close code."""
        return CLOSE_CODES[self.reason]

    def event(self) -> dict[str, str]:
        """What the client is told before the end."""
        return {
            "type": "error",
            "reason": self.reason,
            "message": self.message,
            "remedy": self.remedy,
        }
