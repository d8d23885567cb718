"""Every fader, switch and order stands on one strip, once."""

from streamsep_bridge.osc.layouts.strips import FLOOR_DB, STEMS, make_strips


def test_a_strip_for_each_stem_and_the_mix_last(controls):
    assert [strip.name for strip in make_strips(controls)] == [*STEMS, "mix"]


def test_a_stem_s_strip(controls):
    vocals = make_strips(controls)[0]
    assert [knob.label for knob in vocals.knobs] == ["gain_db", "pan", "width"]  # gain is gain_db
    assert [button.label for button in vocals.buttons] == ["mute", "solo", "solo_only"]
    assert vocals.meter == "/streamsep/level/vocals"
    fader = vocals.knobs[0]
    assert (fader.low, fader.high, fader.default) == (FLOOR_DB, 24.0, 0.0)


def test_the_mix(controls):
    mix = make_strips(controls)[-1]
    assert [knob.label for knob in mix.knobs] == ["gain_db", "dry_wet"]
    switches = [button.label for button in mix.buttons if button.is_switch]
    assert switches == ["bypass", "record", "source playing", "source loop"]
    assert [button.label for button in mix.buttons if not button.is_switch] == ["panic", "reset"]
    assert mix.meter == "/streamsep/level/mix"


def test_effects_take_their_place(controls_with_effects):
    vocals = make_strips(controls_with_effects)[0]
    assert vocals.knobs[-1].label == "fx 1 cutoff_hz"
    assert vocals.knobs[-1].default == 20.0
    assert vocals.buttons[-1].label == "fx 1 bypass"
