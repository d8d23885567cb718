import math

import pytest

from streamsep.spec import PROFILES
from streamsep_bridge.screen.actions import HELP, PROFILE_KEYS, SOURCE_HELP, handle, next_level
from streamsep_bridge.screen.view import View


@pytest.fixture
def view():
    return View()


def press(keys, session, view):
    for key in keys:
        handle(key, session, view)


def test_up_and_down_choose_a_stem_and_go_round(session, view):
    press(["down", "down"], session, view)
    assert view.selected == 2
    press(["up"] * 3, session, view)
    assert view.selected == 3
    press(["down"], session, view)
    assert view.selected == 0


def test_left_and_right_move_only_the_chosen_fader(session, view):
    press(["down", "left", "left", "left", "right"], session, view)
    assert session.stems["drums"].gain_db == pytest.approx(-2.0)
    assert [session.stems[name].gain_db for name in ("vocals", "bass", "other")] == [0.0] * 3


def test_a_fader_closes_and_opens_again_and_stops_at_its_top(session, view):
    fader = session.stems["vocals"]
    press(["left"] * 200, session, view)
    assert fader.gain == 0.0
    press(["right"], session, view)
    assert fader.gain_db == pytest.approx(-60.0)
    press(["right"] * 200, session, view)
    assert fader.gain_db == pytest.approx(24.0)
    assert not view.messages


def test_steps_are_whole_and_lead_back():
    assert next_level(-5.5, is_up=True) == -5.0
    assert next_level(-5.5, is_up=False) == -6.0
    level_db, way = -math.inf, []
    while level_db < 24.0:
        way.append(level_db)
        level_db = next_level(level_db, is_up=True)
    for expected_db in reversed(way):
        level_db = next_level(level_db, is_up=False)
        assert level_db == expected_db


def test_switches_go_on_and_off(session, view):
    for key, name in (("m", "mute"), ("s", "solo")):
        press([key], session, view)
        assert getattr(session.stems["vocals"], name) is True
        press([key], session, view)
        assert getattr(session.stems["vocals"], name) is False
    press(["b"], session, view)
    assert session.bypass is True
    press(["b"], session, view)
    assert session.bypass is False


def test_reset_takes_every_control_of_every_stem_back(session, view):
    press(["m", "left", "down", "s", "right"], session, view)
    session.stems["bass"].pan, session.stems["bass"].width = 0.5, 0.0
    press(["r"], session, view)
    for fader in session.stems.values():
        assert (fader.gain, fader.mute, fader.solo) == (1.0, False, False)
        assert (fader.pan, fader.width) == (0.0, 1.0)


def test_profiles_are_asked_for_and_q_ends(session, view):
    assert set(PROFILE_KEYS.values()) == set(PROFILES)
    press(["3"], session, view)
    assert (view.asked_profile, session.changes, view.is_ended) == ("tight", [], False)
    press(["q"], session, view)
    assert view.is_ended


def test_other_keys_do_nothing(session, view):
    before = session.stems.matrices()
    press([*"xyz90 \n\t", "é"], session, view)
    assert session.stems.matrices() == before
    assert vars(view) == vars(View())


def test_a_choice_beyond_the_stems_of_a_smaller_model_is_the_last(session, view):
    press(["up"], session, view)
    session.stems.use(("vocals", "accompaniment"))
    press(["m"], session, view)
    assert session.stems["accompaniment"].mute


def test_every_key_is_in_the_help():
    for word in ("up/down", "left/right", "m mute", "s solo", "r reset", "b bypass", "q quit"):
        assert word in HELP
    assert all(f"{key} {name}" in HELP for key, name in PROFILE_KEYS.items())


class FakeSource:
    """Stands in for `Source`: notes where it is sent."""

    def __init__(self):
        self.paused, self.position_s = False, 20.0

    def seek(self, seconds):
        self.position_s = seconds


def test_a_file_is_paused_and_sought_by_keys(session, view):
    session.source = FakeSource()
    press([" "], session, view)
    assert session.source.paused
    press([" ", ",", ",", "."], session, view)
    assert not session.source.paused
    assert session.source.position_s == 15.0
    assert all(word in SOURCE_HELP for word in ("space pause", ", 5 s back", ". 5 s on"))


class FakeMidi:
    """Notes what it is asked for."""

    def __init__(self):
        self.asked = []

    def learn_next(self, stem):
        self.asked.append(("learn", stem))

    def unlearn(self, target):
        self.asked.append(("forget", target.what, target.stem))


def test_l_learns_for_the_chosen_stem_and_shift_l_forgets(session):
    view = View(midi=FakeMidi())
    press(["down", "l", "L"], session, view)
    forgotten = [("forget", what, "drums") for what in ("gain", "mute", "solo")]
    assert view.midi.asked == [("learn", "drums"), *forgotten]


def test_without_a_controller_l_says_how_to_have_one(session, view):
    press(["l"], session, view)
    assert "--midi" in view.messages[-1]
