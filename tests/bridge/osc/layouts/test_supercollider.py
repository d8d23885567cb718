"""A method for every row, with its arguments; tests/rig/test_osc_peers.py compiles the class and uses it."""

import re

from streamsep_bridge.osc.layouts.supercollider import make_class
from streamsep_bridge.osc.table import REPORT, TABLE, VALUE, Argument, Control


def methods(text):
    return dict(re.findall(r"^\t(\w+) \{ (?:\|(.*?)\| )?addr\.sendMsg", text, re.MULTILINE))


def test_a_method_for_every_row():
    found = methods(make_class(TABLE).decode())
    sent = [one for one in TABLE if one.role != REPORT and "subscribe" not in one.path]
    assert len(found) == len(sent) + 1  # and ask
    assert found["gainDb"] == "stem, gainDb, rampS = 0.02"
    assert found["mixGain"] == "gain, rampS = 0.02"
    assert found["sceneRecall"] == "name, fadeS = 0.5"
    assert found["panic"] == ""


def test_what_is_in_brackets_becomes_an_argument():
    fx = Control("/stem/<stem>/fx/<slot>/<parameter>", "a parameter", (Argument("value"),), VALUE)
    text = make_class([*TABLE, fx]).decode()
    assert methods(text)["fx"] == "stem, slot, parameter, value"
    assert '"/streamsep/stem/%/fx/%/%".format(stem, slot, parameter), value)' in text


def test_braces_and_brackets_are_balanced():
    text = make_class(TABLE).decode()
    for opening, closing in ("{}", "[]", "()"):
        assert text.count(opening) == text.count(closing)
