"""What the session tells the audio process: one JSON object a line, on standard input."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any


def follow_orders(
    change: Callable[..., None], move_source: Callable[..., None], move_rack: Callable[..., None]
) -> None:
    """Obey until there are no more, or one says "stop".

    Args:
        change: Prepares another model. That takes seconds, so it has a thread of its own, where one comes
            after the other.
        move_source: Seeks, pauses, loops: at once.
        move_rack: Sets a plug-in's parameter, exchanges a chain: at once, or in a thread of its own.

    Thread: the main one. Allocates: yes. In place: no.
    """
    changes: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def change_in_turn() -> None:
        try:
            while True:
                change(**changes.get())
        except BaseException:  # another process takes over
            traceback.print_exc()
            os._exit(1)

    threading.Thread(target=change_in_turn, daemon=True).start()
    for line in sys.stdin:
        order = json.loads(line)
        what = order.pop("do")
        if what == "stop":
            return
        if what == "change":
            changes.put(order)
        elif what == "source":
            move_source(**order)
        elif what == "fx":
            move_rack(**order)
