import json

import pytest

from streamsep_bridge.midi.mapping import Mapping, Target, load_mapping, mapping_file
from streamsep_bridge.midi.ports import MidiError
from streamsep_bridge.midi.touches import Control

KNOB, FADER, KEY = Control("cc", 1, 7), Control("cc14", 2, 3), Control("note", 10, 36)
VOCALS, MUTE, MASTER = Target("gain", "vocals"), Target("mute", "vocals"), Target("master")


def test_controls_and_targets_are_one_to_one():
    mapping = Mapping("pad")
    mapping.learn(KNOB, VOCALS)
    mapping.learn(KNOB, MASTER)
    assert mapping.targets == {KNOB: MASTER}
    mapping.learn(FADER, MASTER)
    assert mapping.targets == {FADER: MASTER}
    assert mapping.forget(MASTER) == FADER
    assert mapping.forget(MASTER) is None
    assert mapping.targets == {}


def test_a_pair_and_its_halves_are_one_control():
    mapping = Mapping("pad")
    for half in (Control("cc", 2, 3), Control("cc", 2, 35)):
        mapping.learn(half, VOCALS)
        mapping.learn(Control("note", 2, 3), MUTE)
        mapping.learn(FADER, MASTER)
        assert mapping.targets == {FADER: MASTER, Control("note", 2, 3): MUTE}
    mapping.learn(Control("cc", 2, 3), VOCALS)
    assert FADER not in mapping.targets


def test_what_was_learned_is_there_again_by_port():
    mapping = Mapping("nano: KONTROL/2 é")
    for control, target in ((KNOB, VOCALS), (FADER, MASTER), (KEY, MUTE)):
        mapping.learn(control, target)
    mapping.save()
    assert load_mapping("nano: KONTROL/2 é") == mapping
    assert load_mapping("nano: KONTROL 2 é").targets == {}
    assert mapping_file("a/b") != mapping_file("a:b")


def write(text):
    path = mapping_file("pad")
    path.parent.mkdir(parents=True)
    path.write_text(text)


GOOD = {"kind": "cc", "channel": 1, "number": 7, "target": "gain", "stem": "vocals"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not readable JSON"),
        ("[]", "is foreign"),
        ('{"format": "streamsep-midi", "version": 9}', "has version 9, this program reads 1"),
        ('{"format": "streamsep-midi", "version": 1}', "is damaged: KeyError"),
        *(
            (
                json.dumps({"format": "streamsep-midi", "version": 1, "controls": [GOOD | wrong]}),
                "is damaged: ",
            )
            for wrong in (
                {"kind": "knob"},
                {"channel": 17},
                {"number": "7"},
                {"kind": "cc14", "number": 40},
                {"target": "pan"},
                {"stem": ""},
                {"kind": "note"},  # keys have no way
            )
        ),
    ],
)
def test_a_damaged_file_is_one_line_with_the_remedy(text, message):
    write(text)
    with pytest.raises(MidiError, match=message) as told:
        load_mapping("pad")
    assert "\n" not in str(told.value)
    assert "delete" in str(told.value)


def test_a_folder_that_cannot_be_written_is_one_line(config_folder):
    config_folder.write_text("a file where the folder should be")
    with pytest.raises(MidiError, match="what was learned cannot be kept in"):
        Mapping("pad").save()


def test_targets_that_are_none_are_refused():
    for what, stem in (("pan", "vocals"), ("gain", ""), ("master", "vocals")):
        with pytest.raises(ValueError, match="no target"):
            Target(what, stem)
