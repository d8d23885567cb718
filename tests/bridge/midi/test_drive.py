import math

import pytest

from streamsep.units import gain_to_db
from streamsep_bridge.midi.drive import Driver
from streamsep_bridge.midi.mapping import Mapping, Target
from streamsep_bridge.midi.taper import level_of
from streamsep_bridge.midi.touches import Control

KNOB = Control("cc", 1, 7)


@pytest.fixture
def mapping():
    return Mapping("pad", {KNOB: Target("gain", "vocals")})


@pytest.fixture
def driver(session, mapping):
    return Driver(session, mapping)


def levels(driver, session, touches):
    """The level of vocals after every touch."""
    found = []
    for touch in touches:
        driver.hear(touch)
        found.append(session.stems["vocals"].gain_db)
    return found


def test_a_fader_waits_until_the_knob_passes_it(driver, session, cc):
    found = levels(driver, session, [cc(7, value) for value in (20, 60, 90, 110, 60, 0, 5)])
    wanted = [0.0, 0.0, 0.0, level_of(110), level_of(60), -math.inf, level_of(5)]
    assert found == pytest.approx(wanted)


def test_it_is_taken_from_above_and_where_it_is(driver, session, cc):
    assert levels(driver, session, [cc(7, 127), cc(7, 101)])[0] == 0.0
    assert session.stems["vocals"].gain_db == pytest.approx(level_of(101))
    fresh = [cc(7, 101)]
    assert levels(Driver(session, driver._mapping), session, fresh) == [
        pytest.approx(level_of(101))
    ]


def test_who_else_moves_the_fader_takes_it_back(driver, session, cc):
    levels(driver, session, [cc(7, 100), cc(7, 90)])
    session.stems["vocals"].gain_db = -30.0
    assert levels(driver, session, [cc(7, 89), cc(7, 60)]) == pytest.approx([-30.0, -30.0])
    assert levels(driver, session, [cc(7, 20)]) == pytest.approx([level_of(20)])


def test_every_step_down_to_silence_and_up_again_is_followed(driver, session, cc):
    for value in [*range(100, -1, -1), *range(128), *range(127, 63, -1)]:
        driver.hear(cc(7, value))
        assert session.stems["vocals"].gain_db == pytest.approx(level_of(value))


def test_a_fader_beyond_the_knobs_way_is_taken_at_its_end(driver, session, cc):
    session.stems["vocals"].gain_db = 20.0
    assert levels(driver, session, [cc(7, 100), cc(7, 120)]) == pytest.approx([20.0, 20.0])
    assert levels(driver, session, [cc(7, 127), cc(7, 110)]) == pytest.approx([10.0, level_of(110)])


def test_the_master_and_only_it(driver, session, mapping, cc):
    mapping.learn(KNOB, Target("master"))
    for value in (100, 60):
        driver.hear(cc(7, value))
    assert gain_to_db(session.master) == pytest.approx(-12.0)
    assert all(fader.gain == 1.0 for fader in session.stems.values())


def test_a_pair_moves_in_fine_steps(driver, session, mapping, cc):
    mapping.learn(Control("cc14", 1, 3), Target("gain", "vocals"))
    touches = [cc(3, 100), cc(35, 0), cc(3, 90), cc(35, 64), cc(35, 65), cc(3, 91), cc(35, 0)]
    found = levels(driver, session, touches)
    wanted = [level_of(p) for p in (100, 100, 90, 90.5, 90 + 65 / 128, 91, 91)]
    assert found == pytest.approx(wanted)
    levels(driver, session, [cc(3, 127), cc(35, 127)])
    assert session.stems["vocals"].gain_db == pytest.approx(10.0)


@pytest.mark.parametrize("what", ["mute", "solo"])
def test_a_press_turns_a_switch_over(driver, session, mapping, cc, note, what):
    mapping.learn(Control("note", 1, 36), Target(what, "drums"))
    mapping.learn(Control("cc", 1, 20), Target(what, "bass"))
    drums, bass = session.stems["drums"], session.stems["bass"]
    for is_on in (True, False):
        for touch in (note(36, 100), note(36, 0)):
            driver.hear(touch)
            assert getattr(drums, what) is is_on
        for value in (127, 127 - 1, 100, 64, 0):  # held, let go
            driver.hear(cc(20, value))
            assert getattr(bass, what) is is_on


def test_a_button_that_is_never_let_go_is_pressed_again(driver, session, mapping, cc):
    mapping.learn(Control("cc", 1, 20), Target("mute", "bass"))
    seen = []
    for _ in range(3):
        driver.hear(cc(20, 127))
        seen.append(session.stems["bass"].mute)
    assert seen == [True, False, True]


def test_what_is_not_learned_or_not_there_does_nothing(driver, session, mapping, cc, note):
    before = session.stems.matrices()
    driver.hear(cc(8, 100))
    driver.hear(cc(7, 100, 2))
    driver.hear(note(7, 100))
    session.stems.use(("drums", "accompaniment"))
    driver.hear(cc(7, 90))
    session.stems.use(("vocals", "drums", "bass", "other"))
    assert session.stems.matrices() == before
