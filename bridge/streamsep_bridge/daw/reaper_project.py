"""A ReaScript that builds the project in REAPER; written by its documented API, not run in REAPER."""

from __future__ import annotations

import json
from pathlib import Path

from streamsep_bridge.daw.setup import FEEDBACK_PORT, MIXTURE, DawSetup

SCRIPT_NAME = "streamsep.lua"

_SCRIPT = """-- Builds the tracks for streamsep. In REAPER: Actions > Show action list > New action > Load.
-- For {rate} Hz, blocks of {block}, {profile}. Made by the documented API, not run in REAPER.
local stems = {{{stems}}}
local delay_s = {delay} / {rate}
local first_input = 0

local function add_track(index, name)
  reaper.InsertTrackAtIndex(index, false)
  local track = reaper.GetTrack(0, index)
  reaper.GetSetMediaTrackInfo_String(track, "P_NAME", name, true)
  return track
end

reaper.Undo_BeginBlock()
local count = reaper.CountTracks(0)
local mixture = add_track(count, {mixture})
-- To the bridge, on hardware outputs of its own, and not to the master: what is heard are the stems.
reaper.SetMediaTrackInfo_Value(mixture, "B_MAINSEND", 0)
local send = reaper.CreateTrackSend(mixture, nil)
reaper.SetTrackSendInfo_Value(mixture, 1, send, "I_DSTCHAN", 0)
-- While a stem is soloed, the mixture still has to feed the bridge.
reaper.SetMediaTrackInfo_Value(mixture, "B_SOLO_DEFEAT", 1)
-- It is played so much earlier that what comes back arrives where it stands.
reaper.SetMediaTrackInfo_Value(mixture, "I_PLAY_OFFSET_FLAG", 0)
reaper.SetMediaTrackInfo_Value(mixture, "D_PLAY_OFFSET", -delay_s)
for i, name in ipairs(stems) do
  local track = add_track(count + i, name)
  reaper.SetMediaTrackInfo_Value(track, "I_RECARM", 1)
  reaper.SetMediaTrackInfo_Value(track, "I_RECINPUT", 1024 + first_input + 2 * (i - 1))
  reaper.SetMediaTrackInfo_Value(track, "I_RECMODE", 0)
  reaper.SetMediaTrackInfo_Value(track, "I_RECMON", 1)
end
reaper.Undo_EndBlock("streamsep tracks", -1)
reaper.TrackList_AdjustWindows(false)
"""

PORTS = (
    "Preferences > Control/OSC/web > Add > OSC, mode 'Configure device IP+local port': device IP 127.0.0.1, "
    f"device port {FEEDBACK_PORT}, local listen port {{port}}, pattern config Default"
)
"""What the user has to type into REAPER."""


def make_script(folder: Path, setup: DawSetup) -> Path:
    """Write the script; its path.

    Args:
        folder: Made if need be.
        setup: For what.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / SCRIPT_NAME
    text = _SCRIPT.format(
        rate=setup.sample_rate,
        block=setup.block_size,
        profile=setup.profile,
        delay=setup.delay_samples,
        mixture=json.dumps(MIXTURE),
        stems=", ".join(json.dumps(track) for track in setup.tracks.values()),
    )
    path.write_text(text, encoding="utf-8")
    return path
