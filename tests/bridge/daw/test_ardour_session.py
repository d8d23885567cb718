"""The session that Ardour makes, and what is written into it."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import soundfile

from streamsep.errors import StreamsepError
from streamsep_bridge.daw.ardour_program import find_lua
from streamsep_bridge.daw.ardour_session import (
    find_route,
    make_session,
    read_delay,
    read_session,
    write_delay,
    write_session,
)
from streamsep_bridge.daw.ardour_song import SUPERCLOCK, add_song
from streamsep_bridge.daw.setup import DawError, plan_setup

TRACKS = ("Mixture", "Vocals", "Drums", "Bass", "Other")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A session with a mono song of 24 kHz."""
    try:
        find_lua()
    except StreamsepError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("ardour") / 'my "song"'
    setup = plan_setup("ardour", "classic", "stage", None, 48000, 256, 32)
    path = make_session(folder, setup)
    song = folder.parent / "song.wav"
    soundfile.write(song, 0.5 * np.sin(np.arange(12000) / 20.0), 24000)
    root = read_session(path)
    add_song(folder, root, song, 48000)
    write_session(path, root)
    return folder, read_session(path)


def connections(root, track, direction):
    ports = find_route(root, track).iterfind(f"IO[@direction='{direction}']/Port")
    return [[other.get("other") for other in port.iterfind("Connection")] for port in ports]


def test_every_stem_has_a_track_whose_takes_lie_where_they_arrive(made):
    _, root = made
    for stem in TRACKS[1:]:
        assert connections(root, stem, "Input") == [[], []]
        assert connections(root, stem, "Output") == [[f"Master/audio_in {n}"] for n in (1, 2)]
        track = find_route(root, stem)
        assert track.get("alignment-choice") == "UseCaptureTime"
        assert track.find("Controllable[@name='rec-enable']").get("value") == "1"
        assert all(p.get("use-user-latency") == "0" for p in track.iterfind("Processor"))


def test_the_master_mixes_the_stems_to_the_card(made):
    _, root = made
    heard = [[f"{stem}/audio_out {n}" for stem in TRACKS[1:]] for n in (1, 2)]
    assert connections(root, "Master", "Input") == heard
    assert connections(root, "Master", "Output") == [["system:playback_1"], ["system:playback_2"]]


def test_the_mixture_goes_only_to_the_bridge_and_so_much_early(made):
    _, root = made
    assert connections(root, "Mixture", "Output") == [[], []]
    assert not any(
        "Mixture" in name for port in connections(root, "Master", "Input") for name in port
    )
    assert read_delay(root) == 768 + 256 + 32
    solo = find_route(root, "Mixture").find("Controllable[@name='solo-iso']")
    assert solo.get("solo-isolated") == "1"


def test_its_remote_control_is_on_and_nothing_fades(made):
    _, root = made
    protocols = {p.get("name"): p.get("active") for p in root.find("ControlProtocols")}
    assert protocols["Open Sound Control (OSC)"] == "1"
    options = {option.get("name"): option.get("value") for option in root.iterfind("Config/Option")}
    assert options["use-transport-fades"] == "0"


def test_the_song_lies_at_the_beginning_at_the_sessions_rate(made):
    folder, root = made
    playlist = root.find("Playlists/Playlist[@name='Mixture']")
    region = playlist.find("Region")
    n = 24000
    assert region.get("length") == f"a{n * SUPERCLOCK // 48000}@a0"
    samples, rate = soundfile.read(
        folder / "interchange" / folder.name / "audiofiles" / "song.wav", always_2d=True
    )
    assert (rate, samples.shape) == (48000, (n, 2))
    assert np.array_equal(samples[:, 0], samples[:, 1])
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert max(map(int, ids)) < int(root.get("id-counter"))


def test_the_delay_is_written_anew_and_the_rest_is_left(made, tmp_path):
    _, root = made
    before = ElementTree.tostring(root)
    write_delay(root, 2080)
    assert read_delay(root) == 2080
    write_delay(root, 1056)
    assert ElementTree.tostring(root) == before
    path = tmp_path / "song.ardour"
    path.write_bytes(before)
    write_session(path, root)
    assert read_delay(read_session(path)) == 1056
    assert path.with_suffix(".ardour.before").read_bytes() == before


def test_damaged_and_foreign_sessions_are_one_line(tmp_path):
    path = tmp_path / "song.ardour"
    with pytest.raises(DawError, match="cannot be read"):
        read_session(path)
    path.write_text("<Session")
    with pytest.raises(DawError, match="cannot be read"):
        read_session(path)
    path.write_text("<Session><Routes/></Session>")
    with pytest.raises(DawError, match="no track 'Mixture'"):
        write_delay(read_session(path), 5)
