"""Open Stage Control: a session file, JSON; what is left out of a widget is the program's own default."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from streamsep_bridge.osc.layouts.strips import FLOOR_DB, Button, Knob, Strip, make_strips
from streamsep_bridge.osc.table import Control

_VERSION = "1.25.0"
"""Of the program whose names of properties these are; newer ones convert the file."""

Widget = dict[str, Any]


def make_session(controls: Mapping[str, Control]) -> bytes:
    """The session, `open-stage-control.json`.

    Args:
        controls: By address.
    """
    root: Widget = {
        "type": "root",
        "id": "root",
        "layout": "horizontal",
        "widgets": [_panel(strip) for strip in make_strips(controls)],
        "tabs": [],
    }
    session = {
        "createdWith": "Open Stage Control",
        "version": _VERSION,
        "type": "session",
        "content": root,
    }
    return (json.dumps(session, indent=1) + "\n").encode()


def _panel(strip: Strip) -> Widget:
    name: Widget = {"type": "text", "id": f"name {strip.name}", "default": strip.name, "height": 40}
    tall: list[Widget] = [_fader(one) for one in strip.knobs[:1]]
    if strip.meter:
        tall.append(_meter(strip))
    faders: Widget = {
        "type": "panel",
        "id": f"faders {strip.name}",
        "layout": "horizontal",
        "expand": True,
        "widgets": tall,
        "tabs": [],
    }
    flat = [
        _fader(one) | {"horizontal": True, "height": 50, "expand": False} for one in strip.knobs[1:]
    ]
    hidden = [_level(strip)] if strip.meter else []
    return {
        "type": "panel",
        "id": f"strip {strip.name}",
        "layout": "vertical",
        "expand": True,
        "widgets": [name, faders, *flat, *(_button(one) for one in strip.buttons), *hidden],
        "tabs": [],
    }


def _fader(knob: Knob) -> Widget:
    return {
        "type": "fader",
        "id": knob.address,
        "html": knob.label,
        "expand": True,
        "address": knob.address,
        "typeTags": "f",
        "decimals": 3,
        "range": {"min": knob.low, "max": knob.high},
        "default": knob.default,
        "doubleTap": True,
    }


def _button(button: Button) -> Widget:
    return {
        "type": "button",
        "id": button.address,
        "label": button.label,
        "height": 50,
        "address": button.address,
        "typeTags": "i",
        "mode": "toggle" if button.is_switch else "tap",
    }


def _meter(strip: Strip) -> Widget:
    return {
        "type": "fader",
        "id": f"meter {strip.name}",
        "design": "compact",
        "interaction": False,
        "width": 30,
        "range": {"min": FLOOR_DB, "max": 0},
        "default": FLOOR_DB,
        "bypass": True,
    }


def _level(strip: Strip) -> Widget:
    """A level is two numbers, peak and mean, and a meter shows one."""
    return {
        "type": "variable",
        "id": f"level {strip.name}",
        "address": strip.meter,
        "bypass": True,
        "onValue": f"set('meter {strip.name}', value[0], {{send: false}})",
    }
