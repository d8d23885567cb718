"""TouchOSC (the one after Mk1): a document, XML compressed by zlib.

A connection sends to the session (its port 9000) and receives on a port of its own; the session is told of
that one by `--osc-feedback HOST:PORT`.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Mapping

from streamsep_bridge.osc.layouts.strips import FLOOR_DB, Button, Knob, Strip, make_strips
from streamsep_bridge.osc.table import ROOT, Control

_WIDTH, _HEIGHT, _GAP = 1024, 768, 8
_NAME_HEIGHT, _ROW = 36, 44

_COLOURS = (
    (0.35, 0.65, 1.0),
    (1.0, 0.55, 0.3),
    (0.6, 0.85, 0.35),
    (0.85, 0.5, 0.95),
    (0.9, 0.9, 0.9),
)

_LEVELS = f"""function onReceiveOSC(message, connections)
  local strip = message[1]:match('^{ROOT}/level/(.+)$')
  local meter = strip and self:findByName('meter ' .. strip, true)
  if meter then
    meter.values.x = math.max(0, math.min(1, (message[2][1].value - ({FLOOR_DB:g})) / {-FLOOR_DB:g}))
  end
end"""
"""A level is two numbers, peak and mean, and a meter shows one."""

Frame = tuple[int, int, int, int]


def make_document(controls: Mapping[str, Control]) -> bytes:
    """The document, `streamsep.tosc`.

    Args:
        controls: By address.
    """
    return zlib.compress(make_xml(controls), 9)


def make_xml(controls: Mapping[str, Control]) -> bytes:
    """The document before it is compressed."""
    root = ET.Element("lexml", version="3")
    page, children = _group(root, "streamsep", (0, 0, _WIDTH, _HEIGHT))
    _property(page, "s", "script", _LEVELS)  # of the root: it hears every message first
    strips = make_strips(controls)
    width = _WIDTH // len(strips)
    for i, strip in enumerate(strips):
        colour = _COLOURS[i % len(_COLOURS)]
        _draw(children, strip, (i * width, 0, width, _HEIGHT), colour)
    return b"<?xml version='1.0' encoding='UTF-8'?>\n" + ET.tostring(root, encoding="utf-8")


def _draw(
    parent: ET.Element, strip: Strip, frame: Frame, colour: tuple[float, float, float]
) -> None:
    _, children = _group(parent, strip.name, frame)
    wide = frame[2] - 2 * _GAP
    _label(children, strip.name, strip.name, (_GAP, _GAP, wide, _NAME_HEIGHT), colour)
    rows = strip.small
    row = min(_ROW, (frame[3] * 2 // 3) // max(len(rows), 1))
    top, bottom = _NAME_HEIGHT + 2 * _GAP, frame[3] - len(rows) * row - _GAP
    for knob in strip.knobs[:1]:
        share = wide * 2 // 3 if strip.meter else wide
        _fader(children, knob, (_GAP, top, share, bottom - top - _GAP), colour)
    if strip.meter:
        place = (_GAP * 2 + wide * 2 // 3, top, wide // 3 - _GAP, bottom - top - _GAP)
        _meter(children, strip, place, colour)
    for i, one in enumerate(rows):
        place = (_GAP, bottom + i * row, wide, row - _GAP)
        if isinstance(one, Knob):
            _fader(children, one, place, colour, is_flat=True)
        else:
            _button(children, one, place, colour)
        _label(children, f"name of {one.address}", one.label, place, colour, is_over=True)


def _fader(
    parent: ET.Element,
    knob: Knob,
    frame: Frame,
    colour: tuple[float, float, float],
    is_flat: bool = False,
) -> None:
    node = _node(parent, "FADER", knob.address, frame, colour)
    _property(node, "i", "orientation", "1" if is_flat else "0")
    _property(node, "i", "response", "1")  # relative: a touch does not make it jump
    _property(node, "b", "grid", "0")
    share = (knob.default - knob.low) / (knob.high - knob.low)
    _value(node, "x", f"{share:.6g}")
    _osc(node, knob.address, "FLOAT", knob.low, knob.high)


def _button(
    parent: ET.Element, button: Button, frame: Frame, colour: tuple[float, float, float]
) -> None:
    node = _node(parent, "BUTTON", button.address, frame, colour)
    _property(node, "i", "buttonType", "2" if button.is_switch else "0")
    _property(node, "b", "press", "1")
    _property(node, "b", "release", "1")
    _property(node, "b", "valuePosition", "0")
    _value(node, "x", "0")
    # A switch tells both of its states; an order is given when the button is pressed, not when let go.
    _osc(node, button.address, "INTEGER", 0.0, 1.0, "ANY" if button.is_switch else "RISE")


def _meter(
    parent: ET.Element, strip: Strip, frame: Frame, colour: tuple[float, float, float]
) -> None:
    node = _node(parent, "FADER", f"meter {strip.name}", frame, colour, is_touched=False)
    _property(node, "b", "cursor", "0")
    _property(node, "b", "grid", "0")
    _value(node, "x", "0")


def _label(
    parent: ET.Element,
    name: str,
    text: str,
    frame: Frame,
    colour: tuple[float, float, float],
    is_over: bool = False,
) -> None:
    node = _node(parent, "LABEL", name, frame, colour, is_touched=False)
    if is_over:
        _property(node, "b", "background", "0")
        _property(node, "b", "outline", "0")
    _property(node, "i", "textSize", "14")
    _value(node, "text", text)


def _group(parent: ET.Element, name: str, frame: Frame) -> tuple[ET.Element, ET.Element]:
    """A group and where its children belong."""
    node = _node(parent, "GROUP", name, frame, (0.1, 0.1, 0.1), is_touched=False)
    return node, ET.SubElement(node, "children")


def _node(
    parent: ET.Element,
    kind: str,
    name: str,
    frame: Frame,
    colour: tuple[float, float, float],
    is_touched: bool = True,
) -> ET.Element:
    """A control with what all controls have; its id follows from its name, so that files can be compared."""
    ident = str(uuid.uuid5(uuid.NAMESPACE_URL, f"streamsep:{kind}:{name}"))
    node = ET.SubElement(parent, "node", ID=ident, type=kind)
    _property(node, "s", "name", name)
    place = _property(node, "r", "frame")
    for key, number in zip("xywh", frame, strict=True):
        ET.SubElement(place, key).text = str(number)
    shade = _property(node, "c", "color")
    for key, part in zip("rgba", (*colour, 1.0), strict=True):
        ET.SubElement(shade, key).text = f"{part:g}"
    _property(node, "b", "interactive", str(int(is_touched)))
    _property(node, "b", "visible", "1")
    return node


def _property(node: ET.Element, kind: str, key: str, text: str | None = None) -> ET.Element:
    """Add a property; its value, for what has parts."""
    one = ET.SubElement(_part(node, "properties"), "property", type=kind)
    ET.SubElement(one, "key").text = key
    value = ET.SubElement(one, "value")
    value.text = text
    return value


def _part(node: ET.Element, tag: str) -> ET.Element:
    """A control's list of something, made when it is needed first."""
    found = node.find(tag)
    return ET.SubElement(node, tag) if found is None else found


def _value(node: ET.Element, key: str, default: str) -> None:
    one = ET.SubElement(_part(node, "values"), "value")
    for name, text in (
        ("key", key),
        ("locked", "0"),
        ("lockedDefaultCurrent", "0"),
        ("default", default),
        ("defaultPull", "0"),
    ):
        ET.SubElement(one, name).text = text


def _osc(
    node: ET.Element, address: str, conversion: str, low: float, high: float, when: str = "ANY"
) -> None:
    """The message that a control sends and hears, over the first connection."""
    osc = ET.SubElement(_part(node, "messages"), "osc")
    for name, text in (
        ("enabled", "1"),
        ("send", "1"),
        ("receive", "1"),
        ("feedback", "0"),
        ("connections", "00001"),
    ):
        ET.SubElement(osc, name).text = text
    trigger = ET.SubElement(ET.SubElement(osc, "triggers"), "trigger")
    ET.SubElement(trigger, "var").text = "x"
    ET.SubElement(trigger, "condition").text = when
    _partial(ET.SubElement(osc, "path"), "CONSTANT", "STRING", address, 0.0, 1.0)
    _partial(ET.SubElement(osc, "arguments"), "VALUE", conversion, "x", low, high)


def _partial(
    parent: ET.Element, kind: str, conversion: str, value: str, low: float, high: float
) -> None:
    one = ET.SubElement(parent, "partial")
    for name, text in (
        ("type", kind),
        ("conversion", conversion),
        ("value", value),
        ("scaleMin", f"{low:g}"),
        ("scaleMax", f"{high:g}"),
    ):
        ET.SubElement(one, name).text = text
