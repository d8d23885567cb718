"""The session has a widget for every fader and button, under names that the program knows.

The program itself is not at hand in the tests; the names are those of its source.
"""

import json

import pytest

from streamsep_bridge.osc.layouts.open_stage_control import make_session
from streamsep_bridge.osc.layouts.strips import make_strips

ALL = {
    "type",
    "id",
    "html",
    "label",
    "height",
    "width",
    "expand",
    "default",
    "bypass",
    "interaction",
}
KNOWN = {
    "root": {"layout", "widgets", "tabs"},
    "panel": {"layout", "widgets", "tabs"},
    "text": set(),
    "fader": {"address", "typeTags", "decimals", "range", "doubleTap", "horizontal", "design"},
    "button": {"address", "typeTags", "mode"},
    "variable": {"address", "onValue"},
}


def widgets(one):
    yield one
    for inner in one.get("widgets", []):
        yield from widgets(inner)


@pytest.mark.parametrize("which", ["controls", "controls_with_effects"])
def test_a_widget_for_every_control(request, which):
    controls = request.getfixturevalue(which)
    session = json.loads(make_session(controls))
    assert session["type"] == "session"
    found = list(widgets(session["content"]))
    by_address = {one["address"]: one for one in found if "address" in one}
    for strip in make_strips(controls):
        for knob in strip.knobs:
            assert by_address[knob.address]["range"] == {"min": knob.low, "max": knob.high}
            assert by_address[knob.address]["default"] == knob.default
        for button in strip.buttons:
            assert by_address[button.address]["type"] == "button"
    ids = [one["id"] for one in found]
    assert len(set(ids)) == len(ids)


def test_names_of_properties(controls):
    for one in widgets(json.loads(make_session(controls))["content"]):
        assert set(one) <= ALL | KNOWN[one["type"]], one


def test_a_meter_is_moved_by_its_level_and_sends_nothing(controls):
    found = {one["id"]: one for one in widgets(json.loads(make_session(controls))["content"])}
    assert found["level vocals"]["address"] == "/streamsep/level/vocals"
    assert "'meter vocals'" in found["level vocals"]["onValue"]
    assert found["meter vocals"]["bypass"]
    assert not found["meter vocals"]["interaction"]
