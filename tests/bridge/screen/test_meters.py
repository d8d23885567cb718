import math

import numpy as np
import pytest

from streamsep_bridge.screen.meters import (
    FADER_CELLS,
    FADER_ENDS_DB,
    cells_up_to,
    draw_fader,
    draw_meter,
    show_db,
)


def text(*levels, width=40, is_ascii=False):
    return "".join(segment.text for segment in draw_meter(*levels, width, is_ascii))


@pytest.mark.parametrize("width", [1, 8, 39, 200])
def test_a_meter_is_as_wide_as_asked_at_every_level(width):
    for level_db in (-math.inf, -120.0, -59.9, -18.0, 0.0, 12.0):
        assert len(text(level_db, level_db + 3.0, level_db + 6.0, width=width)) == width


def test_silence_is_empty_and_full_scale_is_full():
    assert text(-120.0, -120.0, -120.0) == " " * 40
    assert text(0.0, 0.0, -120.0) == "█" * 40
    assert text(20.0, 20.0, 20.0) == "█" * 39 + "│"


def test_a_louder_sound_never_draws_a_shorter_bar():
    filled = [cells_up_to(level_db, 33) for level_db in np.linspace(-80.0, 10.0, 500)]
    assert filled == sorted(filled)
    assert (filled[0], filled[-1]) == (0, 33)


def test_power_peak_and_held_peak_are_told_apart():
    drawn = text(-45.0, -30.0, -15.0)
    assert drawn == "█" * 10 + "░" * 10 + " " * 9 + "│" + " " * 10
    assert text(-45.0, -30.0, -15.0, is_ascii=True).isascii()


def test_hot_levels_are_red_and_only_they():
    styles = [str(segment.style) for segment in draw_meter(0.0, 0.0, -120.0, 60)]
    assert styles == ["green", "yellow", "red"]
    quiet = draw_meter(-20.0, -20.0, -120.0, 60)[0]
    assert (quiet.text, str(quiet.style)) == ("█" * 40, "green")


def test_the_knob_is_where_the_gain_is():
    low_db, high_db = FADER_ENDS_DB
    assert draw_fader(-math.inf) == draw_fader(low_db) == "●" + "─" * (FADER_CELLS - 1)
    assert draw_fader(high_db) == "─" * (FADER_CELLS - 1) + "●"
    places = [draw_fader(level_db, is_ascii=True).index("O") for level_db in range(-60, 25)]
    assert places == sorted(places)


def test_levels_in_words():
    assert show_db(-math.inf) == show_db(-120.0) == "-"
    assert show_db(-0.04) == show_db(-0.0) == "0.0"
    assert show_db(-6.02) == "-6.0"
    assert show_db(-6.02, 0) == "-6"
