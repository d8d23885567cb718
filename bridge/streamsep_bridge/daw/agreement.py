"""Where a fader of the session and one of the DAW agree to be, without an echo going round."""

from __future__ import annotations

import math
from collections import deque

ECHO_S = 1.0
"""What was sent comes back within this time, if it does."""

NEAR = 0.02
"""Levels this near, in dB, are the same: a DAW keeps them as it likes."""


class Agreement:
    """One control on both sides; see the module's docstring.

    Thread: one. Allocates: yes, bounded by what is sent within `ECHO_S`.
    """

    def __init__(self) -> None:
        self._agreed: float | None = None
        self._sent: deque[tuple[float, float]] = deque()

    @property
    def is_open(self) -> bool:
        """Whether the DAW has not yet told where it is."""
        return self._agreed is None

    def should_send(self, here: float, now_s: float) -> bool:
        """Whether the session's side has moved; it counts as sent then.

        Args:
            here: Where it is.
            now_s: Time.
        """
        if self._agreed is None or is_same(here, self._agreed):
            return False
        self.send(here, now_s)
        return True

    def send(self, here: float, now_s: float) -> None:
        """The DAW is sent this."""
        self._agreed = here
        self._sent.append((here, now_s))

    def should_take(self, there: float, now_s: float) -> bool:
        """Whether the session's side has to follow: the DAW's rests elsewhere, moved by another hand.

        Args:
            there: Where it says that it is.
            now_s: Time.
        """
        while self._sent and now_s - self._sent[0][1] > ECHO_S:
            self._sent.popleft()
        echoes = [i for i, (value, _) in enumerate(self._sent) if is_same(value, there)]
        if echoes:  # what was sent before it is not told any more
            for _ in range(echoes[0] + 1):
                self._sent.popleft()
            if self._sent:
                return False  # it is on its way elsewhere
        return self._agreed is None or not is_same(there, self._agreed)

    def take(self, here: float) -> None:
        """The session's side has followed, to where it could."""
        self._agreed = here


def is_same(one: float, other: float) -> bool:
    """Whether two values are one place."""
    if math.isinf(one) or math.isinf(other):
        return one == other
    return abs(one - other) <= NEAR
