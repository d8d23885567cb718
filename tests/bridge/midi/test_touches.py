import pytest

from streamsep_bridge.midi.touches import Control, Touch, decode


@pytest.mark.parametrize(
    ("message", "kind", "channel", "number", "value"),
    [
        ([0xB0, 7, 100], "cc", 1, 7, 100),
        ([0xBF, 127, 0], "cc", 16, 127, 0),
        ([0x91, 60, 64], "note", 2, 60, 64),
        ([0x91, 60, 0], "note", 2, 60, 0),
        ([0x81, 60, 64], "note", 2, 60, 0),  # a note that is let go has a velocity, too
    ],
)
def test_faders_and_keys_are_touches(message, kind, channel, number, value):
    assert decode(message) == Touch(Control(kind, channel, number), value)


@pytest.mark.parametrize("message", [[0xF8], [0xE0, 0, 64], [0xC0, 5], [0xB0, 7], [0xB0, 200, 1]])
def test_all_else_is_none(message):
    assert decode(message) is None


def test_controls_are_named_as_people_count():
    assert str(Control("cc", 1, 7)) == "CC 7 on channel 1"
    assert str(Control("note", 10, 36)) == "note 36 on channel 10"
