"""Who may come: tokens from a file, each with a name and perhaps an end.

    # name  token                        until (UTC)
    hall    Zq3vN0x8RtS2mUe5yWkA         2026-12-31T23:59:59Z
    studio  kP7cJ4hD9sLf1bGx6oTi

The file is read again when it changes: a token that is taken out of it, or whose time is up, opens nothing
any more, and ends the streams that it has opened.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from streamsep.errors import ParameterError
from streamsep_bridge.names import NAME
from streamsep_bridge.serve.refused import Refused

MIN_LENGTH, MAX_LENGTH = 16, 256
"""Characters of a token."""

MAX_TOKENS = 1000
_MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True)
class _Token:
    name: str
    digest: bytes
    until_s: float


class Tokens:
    """See the module's docstring.

    Args:
        path: The file; None lets everybody in.

    Raises:
        ParameterError: The file cannot be read, others may read it, or a line of it is none.

    Thread: one at a time. Allocates: yes.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._tokens: tuple[_Token, ...] = ()
        self._mark: tuple[int, int, int] | None = None
        if path is not None:
            self._read(path)

    @property
    def are_needed(self) -> bool:
        """Whether a client has to bring one."""
        return self._path is not None

    def check(self, token: str | None) -> str:
        """Whose token it is; "" where none is needed.

        Raises:
            Refused: There is none, it is unknown, or its time is up. Which of them is not told.
        """
        if self._path is None:
            return ""
        tokens = self._current()
        digest = _digest(token or "")
        found: _Token | None = None
        # All are looked at, each in constant time: how long it takes tells nothing about any of them.
        for one in tokens:
            if hmac.compare_digest(one.digest, digest):
                found = one
        if not token or found is None or time.time() >= found.until_s:
            raise Refused(
                "token",
                "this server needs a valid token",
                "ask whoever runs it for one, and send it in the first message",
            )
        return found.name

    def is_valid(self, name: str) -> bool:
        """Whether a token that was good is so still."""
        if self._path is None:
            return True
        now_s = time.time()
        return any(one.name == name and now_s < one.until_s for one in self._current())

    def _current(self) -> tuple[_Token, ...]:
        """Tokens of the file as it is now; none where it is gone or damaged."""
        assert self._path is not None
        try:
            if _mark(self._path) != self._mark:
                self._read(self._path)
        except (OSError, ParameterError):
            self._mark, self._tokens = None, ()
        return self._tokens

    def _read(self, path: Path) -> None:
        try:
            self._mark = _mark(path)
            mode = path.stat().st_mode
            with path.open("rb") as file:
                text = file.read(_MAX_FILE_BYTES + 1).decode()
        except (OSError, UnicodeDecodeError) as error:
            raise ParameterError(
                f"tokens {path} cannot be read ({error}); give a text file"
            ) from None
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ParameterError(f"tokens {path} can be read by others; do: chmod 600 {path}")
        lines = [line.split("#")[0].split() for line in text.splitlines()]
        tokens = tuple(
            _parse(words, number, path) for number, words in enumerate(lines, 1) if words
        )
        if not tokens or len(tokens) > MAX_TOKENS or len(text) > _MAX_FILE_BYTES:
            raise ParameterError(
                f"tokens {path} holds {len(tokens)} tokens; it has to hold 1 to {MAX_TOKENS}"
            )
        if len({one.name for one in tokens}) < len(tokens):
            raise ParameterError(f"tokens {path} has a name twice; give each token its own")
        self._tokens = tokens


def _parse(words: list[str], number: int, path: Path) -> _Token:
    try:
        name, token, *rest = words
        until_s = float("inf")
        if rest:
            (text,) = rest
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
            until_s = moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()
        if not NAME.fullmatch(name) or not MIN_LENGTH <= len(token) <= MAX_LENGTH:
            raise ValueError
    except ValueError:
        raise ParameterError(
            f"{path}:{number} is no token; write: NAME TOKEN [2026-12-31T23:59:59Z], the token "
            f"{MIN_LENGTH} to {MAX_LENGTH} characters long"
        ) from None
    return _Token(name, _digest(token), until_s)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _mark(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino
