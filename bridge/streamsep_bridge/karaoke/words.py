"""`Words`: what is sung now, for a screen; by the place in the file, as late as the sound is."""

from __future__ import annotations

from streamsep_bridge.karaoke.lyrics import Lyrics
from streamsep_bridge.live.status import Status

EARLY_S = 0.3
"""A line comes so much before it is sung: one has to read it."""


class Words:
    """See the module's docstring.

    Args:
        lyrics: Of the file that plays.
    """

    def __init__(self, lyrics: Lyrics) -> None:
        self._lyrics = lyrics

    def at(self, status: Status) -> tuple[str, str, str]:
        """The line before, the line that is sung, the line that comes.

        Args:
            status: Of a session that plays a file.
        """
        if status.source is None:
            return "", "", ""
        late_s = (status.latency_ms + (status.buffer_ms or 0.0)) / 1000.0
        now = self._lyrics.line_at(status.source["position_s"] - late_s + EARLY_S)
        return self._line(now - 1), self._line(now), self._line(now + 1)

    def _line(self, index: int) -> str:
        lines = self._lyrics.lines
        return lines[index] if 0 <= index < len(lines) else ""
