"""Scenes bring back where everything was, fade, lie between each other, and never leave their folder."""

import itertools
import json
import math

import pytest

from streamsep.errors import PresetError
from streamsep_bridge import LiveSession
from streamsep_bridge.scenes.reading import SceneError, read_scene
from streamsep_bridge.scenes.scene import Scene, SceneMix, SceneStem, between, take
from streamsep_bridge.scenes.scenes import Scenes


@pytest.fixture
def session():
    return LiveSession("classic")


@pytest.fixture
def scenes(session, tmp_path):
    return Scenes(session, tmp_path / "scenes")


def test_a_scene_brings_everything_back(session, scenes):
    session.stems["vocals"].gain_db, session.stems["bass"].mute = -9.0, True
    session.stems["drums"].pan, session.stems["other"].width = -0.3, 1.7
    session.mix.move(gain=0.8, dry_wet=0.5)
    session.change(profile="tight")
    kept = take(session)
    path = scenes.store("Chorus 1")
    assert scenes.names == ("Chorus 1",)
    session.panic()
    session.change(profile="stage", stem_set="2stems")
    scenes.recall("Chorus 1", 0.0)
    assert take(session) == kept
    assert json.loads(path.read_text())["stems"]["bass"]["mute"] is True
    assert not list(scenes.folder.glob("*.part"))


def test_between_two_scenes():
    quiet = Scene(None, SceneMix(0.5), {"vocals": SceneStem(0.25, pan=-1.0), "bass": SceneStem()})
    loud = Scene(
        None, SceneMix(2.0), {"vocals": SceneStem(4.0, pan=1.0), "bass": SceneStem(mute=True)}
    )
    middle = between(quiet, loud, 0.5)
    assert middle.mix.gain == pytest.approx(1.0)  # halfway in dB
    assert middle.stems["vocals"] == SceneStem(pytest.approx(1.0), pan=0.0)
    assert middle.stems["bass"] == SceneStem(0.5)  # on the way to silence, not muted yet
    assert between(quiet, loud, 0.0) == quiet
    assert between(quiet, loud, 1.0) == loud
    levels = [between(quiet, loud, p / 20).stems["vocals"].gain for p in range(21)]
    steps = [math.log(b / a) for a, b in itertools.pairwise(levels)]
    assert max(steps) == pytest.approx(min(steps))


def test_morphing_moves_the_session(session, scenes):
    session.stems["vocals"].gain = 1.0
    scenes.store("a")
    session.stems["vocals"].gain = 4.0
    scenes.store("b")
    scenes.morph("a", "b", 0.5)
    assert session.stems["vocals"].gain == pytest.approx(2.0)


def test_export_import_and_delete(session, scenes, tmp_path):
    session.stems["vocals"].gain = 0.5
    scenes.store("verse")
    scenes.export("verse", tmp_path / "to a friend.json")
    scenes.delete("verse")
    assert scenes.names == ()
    assert scenes.bring_in(tmp_path / "to a friend.json") == "to a friend"
    session.stems["vocals"].gain = 1.0
    scenes.recall("to a friend")
    assert session.stems["vocals"].gain == 0.5


@pytest.mark.parametrize(
    "name",
    ["", "../evil", "a/b", "/etc/passwd", ".hidden", "a\0b", "x" * 65, "a\\b", "\U00020000" * 64],
)
@pytest.mark.parametrize("what", ["store", "recall", "delete"])
def test_no_name_leads_out_of_the_folder(scenes, tmp_path, name, what):
    with pytest.raises(SceneError, match="no name"):
        getattr(scenes, what)(name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "line", "why"),
    [
        (('"gain": 1.0', '"gain": 99'), 16, "no number from 0 to 16"),
        (('"gain": 1.0', '"gain": NaN'), 16, "no number"),
        (('"mute": false', '"mute": 1'), 17, "neither true nor false"),
        (('"pan"', '"pam"'), 19, "unknown; there are: gain"),
        (('"width": 1.0', '"width": 1.0,,'), 20, "no JSON"),
        (('"classic"', '"../classic"'), 5, "no name of a preset"),
        (("streamsep-scene", "ableton"), 2, "foreign"),
        (('"version": 1', '"version": 2'), 3, "has version 2"),
        (('"dry_wet": 1.0', '"dry_wet": "wet"'), 11, "no number"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(session, scenes, change, line, why):
    path = scenes.store("x")
    text = path.read_text()
    head, mark, rest = text.partition('"stems"')
    if change[0] in rest:
        rest = rest.replace(*change, 1)
    else:
        head = head.replace(*change, 1)
    path.write_text(head + mark + rest)
    with pytest.raises(SceneError, match=why) as caught:
        read_scene(path)
    assert f"line {line}:" in str(caught.value)


def test_a_foreign_file_a_huge_one_and_none(scenes, tmp_path):
    (tmp_path / "list.json").write_text("[1, 2]")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "deep.json").write_text("[" * 100000)
    (tmp_path / "huge.json").write_text(" " * (1 << 21))
    for name in ("list", "bytes", "deep", "huge", "missing"):
        with pytest.raises(SceneError):
            scenes.bring_in(tmp_path / f"{name}.json")
    with pytest.raises(SceneError, match="there are: none yet"):
        scenes.recall("chorus")


def test_a_scene_whose_model_is_gone_moves_nothing(session, scenes):
    session.stems["vocals"].gain = 0.25
    path = scenes.store("old")
    path.write_text(path.read_text().replace('"classic"', '"sold"'))
    session.stems["vocals"].gain = 1.0
    with pytest.raises(PresetError):
        scenes.recall("old")
    assert session.stems["vocals"].gain == 1.0
