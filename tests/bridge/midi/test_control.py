"""What a controller learns and does, touch by touch; over a real port: tests/rig/test_midi.py."""

import pytest

from streamsep_bridge.midi.control import MidiControl
from streamsep_bridge.midi.mapping import Target, load_mapping
from streamsep_bridge.midi.touches import Control


@pytest.fixture
def midi(session):
    control = MidiControl(session)
    control.told = []
    control.listen(lambda event: control.told.append((event["what"], event["text"])))
    return control


def test_learning_by_one_key(midi):
    seen = []
    for stem in ("vocals", "vocals", "vocals", "vocals", "drums", "drums"):
        midi.learn_next(stem)
        seen.append(midi.learning)
    assert seen == [
        Target("gain", "vocals"),
        Target("mute", "vocals"),
        None,
        Target("gain", "vocals"),
        Target("gain", "drums"),  # another stem begins anew
        Target("mute", "drums"),
    ]
    assert midi.told[0] == ("learning", "move a knob or fader for the fader of vocals")
    assert midi.told[1] == ("learning", "press a button or key for mute of vocals")
    assert midi.told[2] == ("learning", "learning is over")


def test_what_is_learned_is_told_kept_and_works_at_once(midi, session, cc):
    midi.learn(Target("gain", "vocals"))
    for value in (90, 95, 100, 60):
        midi.hear(cc(7, value))
    assert session.stems["vocals"].gain_db == pytest.approx(-12.0)
    assert midi.told[1:] == [("learned", "CC 7 on channel 1 moves the fader of vocals")]
    assert load_mapping("").targets == {Control("cc", 1, 7): Target("gain", "vocals")}


def test_the_press_that_teaches_a_mute_does_not_mute(midi, session, note):
    midi.learn(Target("mute", "vocals"))
    midi.hear(note(36, 100))
    midi.hear(note(36, 0))
    assert not session.stems["vocals"].mute
    midi.learn(None)
    midi.hear(note(36, 100))
    assert session.stems["vocals"].mute


def test_the_last_control_that_was_moved_is_kept(midi, cc):
    midi.learn(Target("gain", "vocals"))
    for number in (7, 8):
        for value in (0, 50, 127):
            midi.hear(cc(number, value))
    assert midi.mapping.targets == {Control("cc", 1, 8): Target("gain", "vocals")}


def test_a_target_can_be_unlearned(midi, session, cc):
    midi.learn(Target("gain", "vocals"))
    midi.hear(cc(7, 90))
    midi.hear(cc(7, 100))
    midi.learn(None)
    assert midi.unlearn(Target("gain", "vocals"))
    assert not midi.unlearn(Target("gain", "vocals"))
    assert midi.told[-1] == ("forgotten", "CC 7 on channel 1 no longer moves the fader of vocals")
    midi.hear(cc(7, 50))
    assert session.stems["vocals"].gain_db == 0.0
    assert load_mapping("").targets == {}


def test_what_cannot_be_kept_still_works_and_is_told(midi, session, config_folder, cc):
    config_folder.write_text("a file where the folder should be")
    midi.learn(Target("gain", "vocals"))
    for value in (90, 100, 60):
        midi.hear(cc(7, value))
    assert "cannot be kept" in midi.told[-1][1]
    assert session.stems["vocals"].gain_db == pytest.approx(-12.0)
