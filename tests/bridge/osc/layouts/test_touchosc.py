"""The document is compressed XML whose messages have every address, with its range.

The program itself is not at hand in the tests; the elements are those of documents that it wrote.
"""

import xml.etree.ElementTree as ET
import zlib

import pytest

from streamsep_bridge.osc.layouts.strips import make_strips
from streamsep_bridge.osc.layouts.touchosc import make_document


def nodes(document):
    root = ET.fromstring(zlib.decompress(document))
    assert root.tag == "lexml"
    assert len(root) == 1
    return list(root.iter("node"))


def named(node, key):
    for one in node.find("properties"):
        if one.findtext("key") == key:
            return one.find("value")
    return None


@pytest.mark.parametrize("which", ["controls", "controls_with_effects"])
def test_a_message_for_every_control(request, which):
    controls = request.getfixturevalue(which)
    sent = {}
    for node in nodes(make_document(controls)):
        for osc in node.iter("osc"):
            if node.find("messages") is not None and osc in list(node.find("messages")):
                sent[osc.findtext("path/partial/value")] = (node.get("type"), osc)
    for strip in make_strips(controls):
        for knob in strip.knobs:
            kind, osc = sent[knob.address]
            assert kind == "FADER"
            low, high = (osc.findtext(f"arguments/partial/scale{one}") for one in ("Min", "Max"))
            assert (float(low), float(high)) == (knob.low, knob.high)
        for button in strip.buttons:
            kind, osc = sent[button.address]
            assert kind == "BUTTON"
            when = "ANY" if button.is_switch else "RISE"
            assert osc.findtext("triggers/trigger/condition") == when


def test_ids_are_unique_and_stay(controls):
    ids = [node.get("ID") for node in nodes(make_document(controls))]
    assert len(set(ids)) == len(ids)
    assert ids == [node.get("ID") for node in nodes(make_document(controls))]


def test_everything_lies_within_its_group(controls_with_effects):
    for node in nodes(make_document(controls_with_effects)):
        size = {one.tag: int(one.text) for one in named(node, "frame")}
        for inner in node.findall("children/node"):
            frame = {one.tag: int(one.text) for one in named(inner, "frame")}
            assert frame["w"] > 0
            assert frame["h"] > 0
            assert 0 <= frame["x"] <= frame["x"] + frame["w"] <= size["w"]
            assert 0 <= frame["y"] <= frame["y"] + frame["h"] <= size["h"]


def test_meters_are_found_by_the_script(controls):
    every = nodes(make_document(controls))
    names = {named(node, "name").text for node in every}
    assert "/streamsep/level/" in named(every[0], "script").text
    assert {f"meter {strip.name}" for strip in make_strips(controls)} <= names
