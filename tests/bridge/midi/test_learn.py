from streamsep_bridge.midi.learn import Learner
from streamsep_bridge.midi.mapping import Target
from streamsep_bridge.midi.touches import Control

FADER, SWITCH = Target("gain", "vocals"), Target("mute", "vocals")


def learned(target, touches):
    """The last control that was meant."""
    learner = Learner(target)
    meant = [learner.hear(touch) for touch in touches]
    return next((control for control in reversed(meant) if control), None)


def test_a_knob_that_is_turned_is_meant(cc):
    assert learned(FADER, [cc(7, value) for value in (50, 51, 52, 53)]) is None
    assert learned(FADER, [cc(7, value) for value in (50, 51, 52, 53, 54)]) == Control("cc", 1, 7)
    assert learned(FADER, [cc(7, 60, 3), cc(7, 20, 3)]) == Control("cc", 3, 7)


def test_the_last_that_was_moved_is_meant_and_a_trembling_neighbour_is_not(cc):
    turns = [cc(7, value) for value in range(20, 40)]
    trembling = [cc(8, value) for value in (90, 91, 90, 91)]
    both = [touch for pair in zip(turns, trembling * 5, strict=True) for touch in pair]
    assert learned(FADER, both) == Control("cc", 1, 7)
    assert learned(FADER, [*both, *(cc(8, value) for value in range(90, 99))]) == Control(
        "cc", 1, 8
    )
    assert learned(FADER, [*both, *(cc(9, value) for value in (0, 9)), cc(7, 40)]) == Control(
        "cc", 1, 9
    )


def test_keys_are_for_switches_only(cc, note):
    assert learned(FADER, [note(36, 100), note(36, 0)]) is None
    assert learned(SWITCH, [note(36, 0)]) is None
    assert learned(SWITCH, [note(36, 100), note(36, 0)]) == Control("note", 1, 36)
    assert learned(SWITCH, [cc(20, 127), cc(20, 0)]) == Control("cc", 1, 20)
    assert learned(SWITCH, [cc(20, 0)]) is None


def test_coarse_and_fine_halves_are_a_pair_in_either_order(cc):
    way = [(50, 10), (50, 90), (51, 20), (54, 3)]
    coarse_first = [touch for a, b in way for touch in (cc(3, a), cc(35, b))]
    fine_first = [touch for a, b in way for touch in (cc(35, b), cc(3, a))]
    for touches in (coarse_first, fine_first):
        assert learned(FADER, touches) == Control("cc14", 1, 3)
    assert learned(FADER, [cc(35, 0), cc(35, 99)]) == Control("cc", 1, 35)
    assert learned(SWITCH, [cc(3, 127), cc(35, 127)]) == Control("cc", 1, 35)
