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
        change: Prepares another model.
        move_source: Seeks, pauses, loops: at once.
        move_rack: Sets a plug-in's parameter, exchanges a chain.

    What may take seconds has a thread of its own, where one comes after the other: who gives orders writes
    into a pipe, and must never find it full.

    Thread: the main one. Allocates: yes. In place: no.
    """
    changes, racks = _in_turn(change), _in_turn(move_rack)
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
            racks.put(order)


def _in_turn(act: Callable[..., None]) -> queue.SimpleQueue[dict[str, Any]]:
    """A queue of orders, and a thread that carries them out."""
    orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def run() -> None:
        try:
            while True:
                act(**orders.get())
        except BaseException:  # another process takes over
            traceback.print_exc()
            os._exit(1)

    threading.Thread(target=run, daemon=True).start()
    return orders
