"""Events of a live session to whoever listens: functions, or `async for`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

Listener = Callable[[dict[str, Any]], None]


class Listeners:
    """Functions that are called with every event, in the thread where it happens."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> Callable[[], None]:
        """Call a function from now on; returns a function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, event: str, **facts: Any) -> None:
        """Tell everyone."""
        for listener in tuple(self._listeners):
            with contextlib.suppress(Exception):  # a listener's fault must not end the watch
                listener({"event": event, **facts})

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Events for asyncio, until one named "stopped"."""
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any]]()
        end = self.add(lambda event: loop.call_soon_threadsafe(queue.put_nowait, event))
        try:
            while True:
                event = await queue.get()
                yield event
                if event["event"] == "stopped":
                    return
        finally:
            end()
