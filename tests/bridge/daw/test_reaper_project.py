"""The script for REAPER, run in a Lua that stands in for it; not run in REAPER."""

import json

import pytest

from streamsep.errors import StreamsepError
from streamsep_bridge.daw.ardour_program import find_lua, run_lua
from streamsep_bridge.daw.reaper_project import make_script
from streamsep_bridge.daw.setup import plan_setup

# What the script calls, by the documented names; it prints what was set.
STAND_IN = """
local tracks = {}
reaper = {
  Undo_BeginBlock = function() end, Undo_EndBlock = function(text, flags) end,
  TrackList_AdjustWindows = function(is_minor) end,
  CountTracks = function(project) return #tracks end,
  InsertTrackAtIndex = function(index, wants_defaults) table.insert(tracks, index + 1, {}) end,
  GetTrack = function(project, index) return assert(tracks[index + 1]) end,
  GetSetMediaTrackInfo_String = function(track, name, value, is_set) track[name] = value end,
  SetMediaTrackInfo_Value = function(track, name, value) track[name] = value end,
  CreateTrackSend = function(track, target) assert(target == nil); return 0 end,
  SetTrackSendInfo_Value = function(track, category, index, name, value)
    assert(category == 1); track[name] = value
  end,
}
"""
REPORT = """
for _, track in ipairs(tracks) do
  local names = {}
  for name in pairs(track) do table.insert(names, name) end
  table.sort(names)
  for _, name in ipairs(names) do print("@" .. track.P_NAME .. "@" .. name .. "@" .. track[name]) end
end
quit()
"""


def test_it_builds_the_tracks(tmp_path):
    try:
        find_lua()
    except StreamsepError as error:
        pytest.skip(str(error))
    setup = plan_setup("reaper", "classic", "tight", None, 44100, 128, 0)
    script = make_script(tmp_path / "new", setup).read_text()
    words = run_lua(STAND_IN + script + REPORT)
    values = {}
    for line in words.splitlines():
        if line.startswith("@"):
            _, track, name, value = line.split("@")
            values.setdefault(track, {})[name] = value
    assert list(values) == ["Mixture", "Vocals", "Drums", "Bass", "Other"]
    mixture = values.pop("Mixture")
    assert float(mixture["D_PLAY_OFFSET"]) * 44100 == pytest.approx(-512, abs=1e-6)
    assert (mixture["B_MAINSEND"], mixture["I_DSTCHAN"]) == ("0", "0")
    assert [float(track["I_RECINPUT"]) for track in values.values()] == [1024, 1026, 1028, 1030]
    assert {track["I_RECARM"] for track in values.values()} == {"1"}


def test_it_says_that_it_has_not_been_run_in_reaper(tmp_path):
    setup = plan_setup("reaper", "classic", None, None, 48000, 256, 0)
    text = make_script(tmp_path, setup).read_text()
    assert "not run in REAPER" in text
    assert json.dumps("Vocals") in text
