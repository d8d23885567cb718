"""The rack process: `python -m streamsep_bridge.rack.rack_process`, started by `rack.process`.

Plug-ins are other people's machine code: they crash and they hang. Here they can, the audio goes on without.
It reads orders from standard input, one JSON object a line, and answers on what was standard output; that
itself goes nowhere, since plug-ins write to it. It ends with its input, and with its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import mmap
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.inserts import (
    AT_WORK,
    BEATS,
    EXTRA,
    N_LANES,
    RACK_BLOCK,
    SENT,
    SUM_GROUP,
    SUM_LANE,
)
from streamsep.engine.live.memory import MAX_TARGETS
from streamsep.engine.live.priority import WORKER_PRIORITY, raise_priority
from streamsep.engine.live.rack_side import set_count, switch_lane
from streamsep.errors import StreamsepError
from streamsep.mixer import SUM
from streamsep_bridge.rack.board import Board
from streamsep_bridge.rack.chain import read_chain
from streamsep_bridge.rack.lane import Lane
from streamsep_bridge.rack.parameters import ChainError
from streamsep_bridge.rack.rack import Rack

_NAP_S = 0.0003
"""Between two looks at the rings."""

_DIE_WITH_PARENT = 1
"""Number of Linux' prctl option."""


class RackWork:
    """The racks of one process.

    Args:
        desk: Shared with the audio.
        order: What is to be built: sample_rate, channels, chains by name, names of bypassed ones.
        say: Tells the parent.

    Raises:
        ChainError: A chain cannot be built.

    Thread: the main one. Allocates: yes. In place: own state, desk.
    """

    def __init__(self, desk: Desk, order: dict[str, Any], say: Any) -> None:
        self._desk, self._say = desk, say
        self._numbers = {name: number for number, name in enumerate(order["chains"])}
        self._boards: dict[str, list[Board]] = {}
        self._racks: dict[str, list[Rack]] = {}
        self._bypassed = set(order["bypassed"])
        for name, data in order["chains"].items():
            say("building", chain=name)
            chain = read_chain(data, name)
            chain.check_streams()
            # One for each slot: during a change of the model both are heard.
            boards = [Board(chain) for _ in range(1 if name == SUM else 2)]
            form = (order["sample_rate"], order["channels"], RACK_BLOCK)
            self._racks[name] = [Rack(board, *form) for board in boards]
            self._boards[name] = boards
        for racks in self._racks.values():
            _rehearse(racks[0])
        self._lanes: dict[int, dict[str, Lane]] = {0: {}, 1: {}, SUM_GROUP: {}}
        self._turns = int(desk.rack_counts[BEATS])

    def describe(self) -> dict[str, Any]:
        """Latency in samples and parameters, by name."""
        return {
            name: {
                "latency_samples": racks[0].latency_samples,
                "parameters": {
                    slot: {known.name: vars(known) for known in parameters.values()}
                    for slot, parameters in self._boards[name][0].parameters.items()
                },
            }
            for name, racks in self._racks.items()
        }

    def go(self) -> None:
        """Take over the rings, from whoever had them before."""
        self.leave()
        set_count(self._desk.rack_counts, AT_WORK, -1)
        if SUM in self._racks:
            self._add(SUM_GROUP, EXTRA, SUM_LANE, SUM, self._racks[SUM][0])

    def leave(self) -> None:
        """Let the unprocessed sound be heard in all lanes."""
        for lane in range(N_LANES):
            switch_lane(self._desk.rack_lanes, lane, 0)

    def obey(self, what: str, **facts: Any) -> None:
        """An order of the parent's."""
        if what == "stems":
            self._use_stems(**facts)
        elif what == "set":
            for board in self._boards.get(facts["chain"], ()):
                with contextlib.suppress(ChainError):  # the session has checked it before
                    board.set(facts["slot"], facts["parameter"], facts["value"])
        elif what == "bypass":
            name, is_on = facts["chain"], facts["is_on"]
            self._bypassed = self._bypassed | {name} if is_on else self._bypassed - {name}
            for lanes in self._lanes.values():
                if name in lanes:
                    lanes[name].switch(is_on)

    def turn(self) -> bool:
        """Do what there is to do in all lanes, for a while; whether there was any."""
        self._turns += 1
        set_count(self._desk.rack_counts, BEATS, self._turns)
        is_busy = False
        for lanes in self._lanes.values():
            for name, lane in lanes.items():
                was_well = not lane.rack.trouble
                is_busy |= lane.follow()
                if lane.rack.trouble and was_well:
                    self._say("trouble", chain=name, reason=lane.rack.trouble)
        return is_busy

    def _use_stems(self, slot: int, names: list[str]) -> None:
        """A slot has a model with these stems now."""
        for lane in self._lanes[slot].values():
            lane.leave()
        self._lanes[slot] = {}
        for row, name in enumerate(names):
            if name in self._racks:
                self._add(slot, row, slot * MAX_TARGETS + row, name, self._racks[name][slot])

    def _add(self, group: int, row: int, number: int, name: str, rack: Rack) -> None:
        lane = Lane(self._desk, group, row, number, self._numbers[name], rack)
        lane.is_bypassed = name in self._bypassed
        self._lanes[group][name] = lane


def _rehearse(rack: Rack) -> None:
    """Once through everything, beside the audio: the first time machine code has to be loaded."""
    desk = Desk(rack.channels, rack_frames=1024)
    desk.rack_counts[SENT] = RACK_BLOCK
    Lane(desk, 0, 0, 0, 0, rack).follow()


def main() -> None:
    """Build, then run until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)

    def say(event: str, **facts: Any) -> None:
        answers.write(json.dumps({"event": event, **facts}) + "\n")

    order = json.loads(sys.stdin.readline())
    memory = memoryview(mmap.mmap(order["memory"], 0))
    desk = Desk(order["channels"], order["record_frames"], memory, order["rack_frames"])
    try:
        work = RackWork(desk, order, say)
    except StreamsepError as error:
        say("failed", reason=str(error))
        os._exit(1)
    say("ready", racks=work.describe())
    orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    is_going = threading.Event()

    def read() -> None:
        for line in sys.stdin:
            orders.put(json.loads(line))
        if is_going.is_set():
            work.leave()
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while (order := orders.get())["what"] != "go":
        work.obey(**order)
    work.go()
    is_going.set()
    raise_priority([threading.get_native_id()], WORKER_PRIORITY)
    gc.freeze()
    gc.disable()  # plug-ins make no cycles, and a collection would be late
    while True:
        while not orders.empty():
            work.obey(**orders.get())
        if not work.turn():
            time.sleep(_NAP_S)


if __name__ == "__main__":
    main()
