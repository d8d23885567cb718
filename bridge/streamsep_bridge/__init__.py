"""Live sessions, OSC control and plug-in racks around `streamsep`, which knows nothing of it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamsep_bridge.audio.loopback import measure_loop
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.midi.control import MidiControl
    from streamsep_bridge.osc.server import OscServer
    from streamsep_bridge.oscquery.server import OscQueryServer
    from streamsep_bridge.rack.board import Board
    from streamsep_bridge.rack.chain import find_chain
    from streamsep_bridge.rack.rack import Rack
    from streamsep_bridge.scenes.scenes import Scenes
    from streamsep_bridge.serve.server import StreamServer
    from streamsep_bridge.serve.settings import ServeSettings

__all__ = [
    "Board",
    "LiveSession",
    "MidiControl",
    "OscQueryServer",
    "OscServer",
    "Rack",
    "Scenes",
    "ServeSettings",
    "StreamServer",
    "find_chain",
    "measure_loop",
]

_HOMES = {
    "Board": "streamsep_bridge.rack.board",
    "LiveSession": "streamsep_bridge.live.session",
    "MidiControl": "streamsep_bridge.midi.control",
    "OscQueryServer": "streamsep_bridge.oscquery.server",
    "OscServer": "streamsep_bridge.osc.server",
    "Rack": "streamsep_bridge.rack.rack",
    "Scenes": "streamsep_bridge.scenes.scenes",
    "ServeSettings": "streamsep_bridge.serve.settings",
    "StreamServer": "streamsep_bridge.serve.server",
    "find_chain": "streamsep_bridge.rack.chain",
    "measure_loop": "streamsep_bridge.audio.loopback",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used; importing opens nothing."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
