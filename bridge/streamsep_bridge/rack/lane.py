"""One lane of the inserts: samples out of a ring, through a rack, into the other ring."""

from __future__ import annotations

import numpy as np

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.inserts import AT_WORK, RACK_BLOCK
from streamsep.engine.live.rack_side import (
    begin_lane,
    find_sent,
    give_back,
    set_count,
    switch_lane,
    take,
)
from streamsep_bridge.rack.rack import Rack

_BLOCKS_AT_ONCE = 8
"""So many, then another lane's turn."""

PRE_ROLL = 16384
"""Samples that a rack listens to before it begins in the middle of the music."""

_FRESH = 4096
"""A rack that comes later than so many samples begins now, not where the group began."""


class Lane:
    """See the module's docstring.

    Args:
        desk: With the rings.
        group: Of the inserts.
        row: Within the group.
        number: Of the lane.
        chain: Number of its chain, for those who ask what the process works on.
        rack: Its own.

    Attributes:
        is_bypassed: Whether the unprocessed sound is to be heard.

    Latency: the rack's; results go to the time that they belong to. Thread: the rack process's. Allocates:
    yes. In place: own state, desk.
    """

    def __init__(
        self, desk: Desk, group: int, row: int, number: int, chain: int, rack: Rack
    ) -> None:
        self._desk, self._group, self._row, self._number = desk, group, row, number
        self._chain, self.rack, self.is_bypassed = chain, rack, False
        self._start, self._at = -1, 0
        self._block = np.zeros((desk.rack_sent.shape[2], RACK_BLOCK), np.float32)

    def follow(self) -> bool:
        """Do what there is to do, for a while; whether there was any."""
        desk, rack = self._desk, self.rack
        start, end = find_sent(desk.rack_counts, self._group)
        if start < 0:
            return False
        is_lost = end - self._at > desk.rack_sent.shape[-1] // 2
        if start != self._start or is_lost:
            self._start = start
            self._begin(start if end - start <= _FRESH else end, PRE_ROLL)
        n_blocks = min((end - self._at) // RACK_BLOCK, _BLOCKS_AT_ONCE)
        if rack.trouble:
            self._at += n_blocks * RACK_BLOCK
            return n_blocks > 0
        for _ in range(n_blocks):
            output = self._run(self._at)
            if rack.trouble:
                self.leave()
                break
            time = self._at - rack.latency_samples
            give_back(desk.rack_lanes, desk.rack_returned, self._number, time, output)
            self._at += RACK_BLOCK
        return n_blocks > 0

    def switch(self, is_bypassed: bool) -> None:
        """Let the rack be heard or not; one that was in trouble tries again."""
        self.is_bypassed = is_bypassed
        if self.rack.trouble and not is_bypassed:
            self._begin(self._at, 0)  # what was before is what went wrong
        is_heard = not (is_bypassed or self.rack.trouble)
        switch_lane(self._desk.rack_lanes, self._number, int(is_heard))

    def leave(self) -> None:
        """The unprocessed sound is heard from now on."""
        switch_lane(self._desk.rack_lanes, self._number, 0)

    def _begin(self, time: int, longest: int) -> None:
        """From a time on, after so many samples from before: a hall sounds as if it had been there."""
        self._at = time
        self.rack.reset()
        n_blocks = min(time - self._start, longest) // RACK_BLOCK
        for left in range(n_blocks, 0, -1):
            self._run(time - left * RACK_BLOCK)
        lanes, is_heard = self._desk.rack_lanes, not (self.is_bypassed or self.rack.trouble)
        begin_lane(lanes, self._number, time)
        switch_lane(lanes, self._number, int(is_heard))

    def _run(self, time: int) -> np.ndarray:
        """A block through the rack, told to those who watch."""
        counts = self._desk.rack_counts
        take(self._desk.rack_sent, self._group, self._row, time, self._block)
        set_count(counts, AT_WORK, self._chain)
        output = self.rack.process(self._block)
        set_count(counts, AT_WORK, -1)
        return output
