"""Chains are read strictly: what is wrong is named with file, entry, value, and what exists."""

import json

import pytest

from streamsep_bridge.rack.catalogue import EFFECTS
from streamsep_bridge.rack.chain import FOLDERS, find_chain, read_chain
from streamsep_bridge.rack.parameters import ChainError, tidy


def test_a_file_is_read_and_written_as_it_was(tmp_path):
    data = [
        {"effect": "Reverb", "name": "hall", "room_size": 0.8},
        {"effect": "Gain", "gain_db": -3},
        {"effect": "Gain"},
        {"effect": "LadderFilter", "mode": "HPF24"},
    ]
    (tmp_path / "mine.json").write_text(json.dumps(data))
    chain = find_chain(tmp_path / "mine.json")
    assert [entry.slot for entry in chain.entries] == ["hall", "gain", "gain_2", "ladder_filter"]
    moved = chain.with_value("gain_2", "gain_db", 6.0)
    moved.save(tmp_path / "moved.json")
    again = find_chain(tmp_path / "moved.json")
    assert again.entries == moved.entries
    assert dict(again.entries[2].parameters) == {"gain_db": 6.0}
    assert dict(chain.entries[2].parameters) == {}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"effect": "Gain"}, "a chain is a list"),
        ([{"effect": "Reverbb"}], r"my, entry 1: effect 'Reverbb'.*did you mean 'Reverb'"),
        ([{"effect": "Gain"}, {"gain_db": 1}], "entry 2: .*names no plug-in"),
        ([{"effect": "Gain", "plugin": "x.vst3"}], "names no plug-in"),
        ([{"effect": "Reverb", "room": 1}], "'room'.*did you mean 'room_size'.*damping, dry_level"),
        ([{"effect": "Reverb", "room_size": 1.5}], "room_size=1.5 is outside 0 to 1"),
        ([{"effect": "Reverb", "room_size": float("nan")}], "room_size=nan is outside"),
        ([{"effect": "Reverb", "room_size": "big"}], "room_size='big' is no number"),
        ([{"effect": "Reverb", "room_size": True}], "no number"),
        ([{"effect": "LadderFilter", "mode": "LP"}], "it can be: LPF12"),
        ([{"effect": "BrickwallLimiter", "true_peak": 3}], "neither true nor false"),
        ([{"effect": "Gain", "name": "My Gain"}], "write 'my_gain'"),
        ([{"effect": "Gain", "name": "a"}, {"effect": "Gain", "name": "a"}], "entry 2.*taken"),
        ([{"plugin": "no/such.vst3"}], "such.vst3 does not exist"),
        ([{"effect": "Convolution"}], "impulse_response"),
    ],
)
def test_what_is_wrong_is_named(data, message):
    with pytest.raises(ChainError, match=message):
        read_chain(data, "my")


def test_damaged_files_are_named_with_their_line(tmp_path):
    (tmp_path / "c.json").write_text('[\n {"effect": }\n]')
    with pytest.raises(ChainError, match=r"c\.json, line 2"):
        find_chain(tmp_path / "c.json")
    with pytest.raises(ChainError, match=r"none\.json cannot be read"):
        find_chain(tmp_path / "none.json")


def test_chains_by_name(tmp_path, monkeypatch):
    assert len(find_chain("hall").entries) == 2
    with pytest.raises(ChainError, match="did you mean 'hall'"):
        find_chain("hal")
    (tmp_path / "hall.json").write_text("[]")
    monkeypatch.setenv(FOLDERS, str(tmp_path))
    assert find_chain("hall").entries == ()


def test_names_are_fit_for_osc():
    assert tidy("ZaMaximX2") == "za_maxim_x2"
    assert tidy("Room Size (%)") == "room_size"
    for parameters in EFFECTS.values():
        assert all(tidy(parameter.name) == parameter.name for parameter in parameters)


def test_effects_that_are_silent_in_streams_are_told(tmp_path):
    with pytest.raises(ChainError, match="my: pedalboard's PitchShift is silent"):
        read_chain([{"effect": "PitchShift"}], "my").check_streams()
    read_chain([{"effect": "Chorus"}], "my").check_streams()
