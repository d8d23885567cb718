"""Pure Data: a patch that sends what its sliders say and shows what the session tells.

Vanilla objects only. Other patches take part by names: `[s /streamsep/stem/vocals/gain_db]` sets a value,
`[r /streamsep/level/vocals/is]` hears what is told.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from streamsep_bridge.osc.layouts.strips import Button, Knob, Strip, make_strips
from streamsep_bridge.osc.server import PORT
from streamsep_bridge.osc.table import ACTION, REPORT, ROOT, Control

_STYLE = "0 10 #fcfcfc #000000 #000000"
_ROW, _COLUMN, _SLIDER = 26, 170, 150

_RENEW_MS, _EXPIRES_S, _RATE_HZ = 20000, 60, 25


def make_patch(controls: Mapping[str, Control]) -> bytes:
    """The patch, `streamsep.pd`.

    Args:
        controls: By address.
    """
    strips = make_strips(controls)
    top = _Canvas()
    top.text(20, 10, "streamsep live --osc (send streamsep-connect HOST PORT for another)")
    for i, strip in enumerate(strips):
        _draw_strip(top, 20 + i * _COLUMN, strip)
    y = 330 + _ROW * max(len(one.small) for one in strips)
    top.put(20, y, _connection(), "connection")
    top.put(140, y, _senders(controls), "send")
    shown = {one.address for strip in strips for one in (*strip.knobs[:1], *strip.small)}
    top.put(220, y, _receivers(controls, shown), "receive")
    width = 40 + len(strips) * _COLUMN
    return f"#N canvas 50 50 {width} {y + 60} 12;\n{top}".encode()


def _draw_strip(canvas: _Canvas, x: int, strip: Strip) -> None:
    canvas.text(x, 40, strip.name)
    y = 70
    for knob in strip.knobs[:1]:
        canvas.box(x, y, f"vsl 19 {_SLIDER} {_slider(knob, _SLIDER)}")
        if strip.meter:
            vu = canvas.box(
                x + 60, y, f"vu 15 {_SLIDER} empty empty -1 -8 0 10 #404040 #000000 1 0"
            )
            level = canvas.box(x + 60, y + _SLIDER + 12, f"r {strip.meter}/is")
            both = canvas.box(x + 60, y + _SLIDER + 34, "unpack f f")
            canvas.join(level, 0, both, 0)
            canvas.join(both, 1, vu, 0)  # the mean is the column, the peak the mark
            canvas.join(both, 0, vu, 1)
    y += _SLIDER + 80
    for knob in strip.knobs[1:]:
        canvas.box(x, y, f"hsl 80 15 {_slider(knob, 80)}")
        y += _ROW
    for button in strip.buttons:
        canvas.box(x, y, _button(button))
        y += _ROW


def _slider(knob: Knob, length: int) -> str:
    """What follows a slider's size: ends, names, label, and where it stands, in hundredths of a pixel."""
    share = (knob.default - knob.low) / (knob.high - knob.low)
    at = round(share * (length - 1) * 100)
    names = f"{knob.address} {knob.address}/set {knob.label.replace(' ', '_')}"
    x, y = (0, -9) if length == _SLIDER else (length + 6, 8)
    return f"{knob.low:g} {knob.high:g} 0 0 {names} {x} {y} {_STYLE} {at} 1"


def _button(button: Button) -> str:
    names = f"{button.address} {button.address}/set {button.label.replace(' ', '_')} 20 8"
    if button.is_switch:
        return f"tgl 15 0 {names} {_STYLE} 0 1"
    return f"bng 15 250 50 0 {names} {_STYLE}"


def _connection() -> _Canvas:
    """Connects, subscribes and renews; packets out, messages in."""
    canvas = _Canvas()
    start = canvas.box(20, 20, "loadbang")
    here = canvas.message(20, 45, f"127.0.0.1 {PORT}")
    target = canvas.box(120, 45, "r streamsep-connect")
    order = canvas.box(20, 70, "t a b")
    leave = canvas.message(200, 95, "disconnect")
    connect = canvas.box(20, 95, "list prepend connect")
    trim = canvas.box(20, 120, "list trim")
    packets = canvas.box(250, 120, "r streamsep-packet")
    send = canvas.box(250, 145, "list prepend send")
    bare = canvas.box(250, 170, "list trim")
    net = canvas.box(20, 200, "netsend -u -b")
    is_there = canvas.box(20, 240, "sel 1 0")
    on, off = canvas.message(20, 265, "1"), canvas.message(70, 265, "0")
    clock = canvas.box(20, 290, f"metro {_RENEW_MS}")
    ask = canvas.message(20, 315, f"list {ROOT} {_RATE_HZ} {_EXPIRES_S}")
    subscribe = canvas.box(20, 340, f"s {ROOT}/subscribe")
    parse = canvas.box(250, 240, "oscparse")
    loose = canvas.box(250, 265, "list trim")
    told = canvas.box(250, 290, "s streamsep-told")
    for chain in (
        (start, here, order, connect, trim, net, is_there, on, clock, ask, subscribe),
        (target, order),
        (packets, send, bare, net),
        (parse, loose, told),
        (leave, net),
        (off, clock),
    ):
        for one, other in itertools.pairwise(chain):
            canvas.join(one, 0, other, 0)
    canvas.join(order, 1, leave, 0)
    canvas.join(is_there, 1, off, 0)
    canvas.join(net, 1, parse, 0)
    return canvas


def _senders(controls: Mapping[str, Control]) -> _Canvas:
    """For every address that can be sent to: its name to a packet."""
    canvas = _Canvas()
    packet = canvas.box(20, 20, "s streamsep-packet")
    y = 50
    for address, control in controls.items():
        if control.role == REPORT:
            continue
        name = canvas.box(20, y, f"r {address}")
        form = canvas.box(320, y, "oscformat " + " ".join(address.strip("/").split("/")))
        canvas.join(name, 0, form, 0)
        canvas.join(form, 0, packet, 0)
        y += 24
    return canvas


def _receivers(controls: Mapping[str, Control], shown: set[str]) -> _Canvas:
    """Routes what is told to the names `ADDRESS/is`, and to sliders and switches."""
    tree: dict[str, dict] = {}
    for address, control in controls.items():
        if control.role != ACTION:
            branch = tree
            for part in address.strip("/").split("/"):
                branch = branch.setdefault(part, {})
    canvas = _Canvas()
    told = canvas.box(20, 20, "r streamsep-told")
    _route(canvas, (told, 0), "", tree, shown)
    return canvas


def _route(
    canvas: _Canvas, source: tuple[int, int], address: str, branch: dict[str, dict], shown: set[str]
) -> None:
    x = 20 + 60 * address.count("/")
    for part, below in branch.items():
        # One name per box: a box with names and numbers takes the names only.
        box = canvas.box(x, canvas.next_y(), f"route {part}")
        canvas.join(*source, box, 0)
        _route(canvas, (box, 0), f"{address}/{part}", below, shown)
        source = (box, 1)
    if not branch:
        name = canvas.box(x, canvas.next_y(), f"s {address}/is")
        canvas.join(*source, name, 0)
        if address in shown:
            put = canvas.message(x, canvas.next_y(), r"set \$1")
            face = canvas.box(x + 80, canvas.next_y(), f"s {address}/set")
            canvas.join(*source, put, 0)
            canvas.join(put, 0, face, 0)


class _Canvas:
    """Boxes in their order, and the cords between them, which follow them in the file."""

    def __init__(self) -> None:
        self._boxes: list[str] = []
        self._cords: list[str] = []

    def __str__(self) -> str:
        return "".join(f"{line};\n" for line in (*self._boxes, *self._cords))

    def next_y(self) -> int:
        """A row below all there are."""
        return 45 + 24 * len(self._boxes)

    def box(self, x: int, y: int, text: str) -> int:
        """Add an object; its number."""
        return self._add(f"#X obj {x} {y} {text}")

    def message(self, x: int, y: int, text: str) -> int:
        """Add a message; its number."""
        return self._add(f"#X msg {x} {y} {text}")

    def text(self, x: int, y: int, text: str) -> int:
        """Add a comment; its number."""
        return self._add(f"#X text {x} {y} {text}")

    def put(self, x: int, y: int, inner: _Canvas, name: str) -> int:
        """Add a patch as a box; its number."""
        return self._add(
            f"#N canvas 100 100 700 500 {name} 0;\n{inner}#X restore {x} {y} pd {name}"
        )

    def join(self, one: int, outlet: int, other: int, inlet: int) -> None:
        """Draw a cord."""
        self._cords.append(f"#X connect {one} {outlet} {other} {inlet}")

    def _add(self, line: str) -> int:
        self._boxes.append(line)
        return len(self._boxes) - 1
