"""`StreamClock`: which sample plays at a time of day, for messages that carry a time.

The stream's time goes forward a block at a time, read a little after that happened. A reading is late by as
much, never early: so the greatest difference between the stream's time and the clock's is the truest. It is
let sink slowly, because two clocks drift apart.
"""

from __future__ import annotations

DRIFT = 1e-4
"""How far the stream's clock may lag behind the computer's, in s per s."""

JUMP_S, N_BEHIND = 0.05, 5
"""So many readings later than that are no chance: a clock was set, or the stream stood still."""

NTP_EPOCH_S = 2208988800
"""1970 as seconds since 1900."""


class StreamClock:
    """See the module's docstring.

    Thread: one. Allocates: no.
    """

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._read_at_s = 0.0
        self._samples = self._n_behind = 0

    def read(self, samples: int, sample_rate: int, now_s: float) -> None:
        """A reading.

        Args:
            samples: Of the stream, since its start.
            sample_rate: In Hz.
            now_s: Time of day.
        """
        offset_s = samples / sample_rate - now_s
        if self._offset_s is None or samples < self._samples:  # another audio process
            self._offset_s = offset_s
        else:
            sunk_s = self._offset_s - DRIFT * max(now_s - self._read_at_s, 0.0)
            self._n_behind = self._n_behind + 1 if sunk_s - offset_s > JUMP_S else 0
            is_jump = self._n_behind >= N_BEHIND
            self._offset_s = offset_s if is_jump else max(offset_s, sunk_s)
        self._read_at_s, self._samples = now_s, samples

    def sample_at(self, time_s: float, sample_rate: int) -> int:
        """The sample that plays at a time of day; 0, which is now, before the first reading."""
        if self._offset_s is None:
            return 0
        return max(0, round((time_s + self._offset_s) * sample_rate))


def time_of_tag(tag: int) -> float:
    """Time of day of an OSC time tag, in s since 1970.

    Args:
        tag: 32 bits of seconds since 1900, 32 bits of fraction. It comes round in 2036: what would be
            before 1968 is after that.
    """
    seconds, fraction = tag >> 32, (tag & 0xFFFFFFFF) / 2.0**32
    if seconds < 1 << 31 and seconds > 1 << 24:
        seconds += 1 << 32
    return seconds - NTP_EPOCH_S + fraction


def tag_of_time(time_s: float) -> int:
    """OSC time tag of a time of day."""
    return round((time_s + NTP_EPOCH_S) * 2.0**32) & 0xFFFFFFFFFFFFFFFF
