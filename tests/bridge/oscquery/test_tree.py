"""The tree has every address once, with the type, range and value that the OSC server goes by."""

import json

import pytest

from streamsep_bridge.osc.server import OscServer
from streamsep_bridge.osc.table import ACTION, VALUE, Argument, Control, expand
from streamsep_bridge.osc.values import RefusedError, read_arguments
from streamsep_bridge.oscquery.tree import Tree
from streamsep_bridge.scenes.scenes import Scenes

VOCALS = "/streamsep/stem/vocals"


@pytest.fixture
def tree(session, tmp_path):
    return Tree(*OscServer(session, scenes=Scenes(session, tmp_path)).make_view())


def leaves(node):
    found = {} if "TYPE" not in node else {node["FULL_PATH"]: node}
    for one in node.get("CONTENTS", {}).values():
        found.update(leaves(one))
    return found


def test_every_address_is_a_leaf(session, tree):
    everything = tree.find("/")
    assert set(leaves(everything)) == set(expand(session.stems.names))
    assert everything["FULL_PATH"] == "/"
    assert everything["ACCESS"] == 0
    json.dumps(everything, allow_nan=False)


def test_a_fader(session, tree):
    session.stems["vocals"].gain_db = -6.0
    assert tree.find(f"{VOCALS}/gain_db") == {
        "FULL_PATH": f"{VOCALS}/gain_db",
        "DESCRIPTION": "gain in dB; -120 and below is silence",
        "ACCESS": 3,
        "TYPE": "f",
        "VALUE": [pytest.approx(-6.0)],
        "RANGE": [{"MIN": -120.0, "MAX": 24.0}],
        "UNIT": ["gain.db"],
    }
    session.stems["vocals"].gain = 0.0
    assert tree.find(f"{VOCALS}/gain_db")["VALUE"] == [-120.0]


def test_a_switch_an_order_and_a_report(session, tree):
    session.stems["vocals"].mute = True
    mute = tree.find(f"{VOCALS}/mute")
    assert (mute["TYPE"], mute["VALUE"], mute["ACCESS"]) == ("T", [True], 3)
    panic = tree.find("/streamsep/panic")
    assert (panic["TYPE"], panic["ACCESS"]) == ("N", 2)
    recall = tree.find("/streamsep/scene/recall")
    assert recall["TYPE"] == "sf"
    assert recall["RANGE"][1] == {"MIN": 0.0, "MAX": 600.0}
    xruns = tree.find("/streamsep/status/xruns")
    assert (xruns["TYPE"], xruns["VALUE"], xruns["ACCESS"]) == ("i", [0], 1)
    level = tree.find("/streamsep/level/mix")  # nothing plays
    assert level["TYPE"] == "ff"
    assert "VALUE" not in level


def test_names_to_choose_from(session, tree, tmp_path):
    assert "classic" in tree.find("/streamsep/preset")["RANGE"][0]["VALS"]
    assert tree.find("/streamsep/scene/recall")["RANGE"][0] == {"VALS": []}
    Scenes(session, tmp_path).store("chorus")
    assert tree.find("/streamsep/scene/recall")["RANGE"][0] == {"VALS": ["chorus"]}
    assert "RANGE" not in tree.find("/streamsep/scene/store")  # takes new ones


def test_other_stems_are_other_branches(session, tree):
    session.stems.use(("vocals", "accompaniment"))
    assert list(tree.find("/streamsep/stem")["CONTENTS"]) == ["vocals", "accompaniment"]
    assert tree.find("/streamsep/stem/bass") is None


def test_what_the_tree_gives_the_server_takes(session, tree):
    """The ends of every range, and every name, pass the server's own checks; what is beyond does not."""
    controls = expand(session.stems.names)
    for address, node in leaves(tree.find("/")).items():
        if controls[address].role not in (VALUE, ACTION):
            continue
        for i, range_ in enumerate(node.get("RANGE", [])):
            argument = controls[address].arguments[i]
            alone = Control("/x", "", (argument,))
            for value in (range_ or {}).get(
                "VALS", [v for k, v in (range_ or {}).items() if k != "VALS"]
            ):
                assert len(read_arguments(alone, [value])) == 1
            if range_ and "MAX" in range_:
                with pytest.raises(RefusedError):
                    read_arguments(alone, [range_["MAX"] + 1.0])


def test_rows_below_rows_are_drawn(tree):
    """An address may have others below it, as chains of effects will."""
    fx = {
        f"{VOCALS}/fx": Control("/stem/<stem>/fx", "chain", (Argument("fx", "text"),)),
        f"{VOCALS}/fx/1/cutoff_hz": Control(
            "/x", "cutoff", (Argument("cutoff_hz", low=20.0, high=2e4),)
        ),
    }
    node = tree._draw(f"{VOCALS}/fx", fx, {f"{VOCALS}/fx": (("hall",), 0)})
    assert node["VALUE"] == ["hall"]
    below = node["CONTENTS"]["1"]["CONTENTS"]["cutoff_hz"]
    assert below["UNIT"] == ["time.hz"]
    assert below["FULL_PATH"] == f"{VOCALS}/fx/1/cutoff_hz"
