"""Lyrics with times: files of the .lrc format, and which line is sung when.

[ti:Song]
[offset:+250]
[00:12.00]first line
[00:15.30][01:15.30]a line that is sung twice
[00:18.00]<00:18.00>words <00:18.60>with <00:19.10>times
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from pathlib import Path

from streamsep.errors import StreamsepError

MAX_BYTES = 1 << 20

_TIME = re.compile(r"\[(\d{1,3}):(\d{1,2}(?:[.:]\d{1,3})?)\]")
_TAG = re.compile(r"\[([a-z#]+):(.*)\]\s*$", re.IGNORECASE)
_WORD = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")


class LyricsError(StreamsepError, ValueError):
    """A file of lyrics is missing, or has no line with a time."""


@dataclass(frozen=True)
class Lyrics:
    """See the module's docstring.

    Attributes:
        times_s: When each line begins, rising.
        lines: Their texts; "" is a pause.
        title: Of the song; "" where the file does not say.
    """

    times_s: tuple[float, ...]
    lines: tuple[str, ...]
    title: str = ""

    def line_at(self, seconds: float) -> int:
        """Index of the line that is sung at a time; -1 before the first."""
        return bisect.bisect_right(self.times_s, seconds) - 1


def read_lyrics(path: str | Path) -> Lyrics:
    """The lyrics of a file.

    Args:
        path: Of the file, in UTF-8 or Latin-1.

    Raises:
        LyricsError: It is missing, too large, or has no line with a time.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise LyricsError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise LyricsError(f"{path} is too large for lyrics; is it a .lrc file?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # what old programs wrote
    lyrics = parse_lyrics(text)
    if not lyrics.lines:
        raise LyricsError(
            f"{path} has no line with a time; a line of a .lrc file looks like [00:12.00]text"
        )
    return lyrics


def parse_lyrics(text: str) -> Lyrics:
    """The lyrics of a text; lines without a time are passed over."""
    found: list[tuple[float, str]] = []
    tags: dict[str, str] = {}
    for line in text.splitlines():
        line = line.strip()
        if tag := _TAG.fullmatch(line):
            tags[tag[1].lower()] = tag[2].strip()
            continue
        times = []
        while mark := _TIME.match(line):
            times.append(60.0 * int(mark[1]) + float(mark[2].replace(":", ".")))
            line = line[mark.end() :].lstrip()
        words = " ".join(_WORD.sub("", line).split())
        found += [(time_s, words) for time_s in times]
    # A positive offset shows lines earlier.
    offset = tags.get("offset", "0")
    early_s = float(offset) / 1000.0 if re.fullmatch(r"[+-]?\d{1,7}", offset) else 0.0
    found.sort(key=lambda one: one[0])
    return Lyrics(
        tuple(max(0.0, time_s - early_s) for time_s, _ in found),
        tuple(words for _, words in found),
        tags.get("ti", ""),
    )


def lyrics_beside(song: str | Path) -> Path | None:
    """The .lrc file of a song's name in its folder, if there is one."""
    path = Path(song).with_suffix(".lrc")
    return path if path.is_file() else None
