"""Racks in a live session over a real JACK server: aligned to the sample, and expendable."""

import os
import signal
import time

import numpy as np
import psutil
import pytest

from rig.jack import thorough
from rig.programs import Program
from signals import music
from streamsep.engine.live.inserts import rack_reserve
from streamsep_bridge import LiveSession
from streamsep_bridge.rack.parameters import ChainError

pedalboard = pytest.importorskip("pedalboard")

CLIENT, PERIOD = "jack_client.py", 256
ZAMAXIM = "/usr/lib/vst3/ZaMaximX2.vst3"
LATE = [{"effect": "BrickwallLimiter", "ceiling_db": 0.0}]


def rack_process():
    """The one below this process."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if any("rack_process" in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:
            pass  # it is ending
    return found[0] if len(found) == 1 else None


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.02)


def play_through(folder, live, song, during=lambda: None):
    """Record a session that plays a song, with a second of silence before.

    Returns:
        Recording [2, n], and the sample of it at which the song's first sample was played.
    """
    np.save(folder / "song.npy", song)
    seconds = song.shape[1] / 44100 + 1.5
    playing = ("play", "player", 2, folder / "song.npy")
    recording = ("record", "recorder", 2, folder / "heard.npy", "--seconds", seconds)
    with Program(CLIENT, *playing) as player, Program(CLIENT, *recording) as recorder, live:
        time.sleep(0.5)  # the racks find their way
        recorder.tell()
        recorder.result()
        player.tell()
        player.result()
        during()
        started, recorded = player.result(), recorder.result()
        status = live.status()
    return np.load(folder / "heard.npy"), started["start"] - recorded["start"], status


def difference(heard, first, song, status):
    """Largest difference of the recording from the song, as late as the session says."""
    first += round(status.latency_ms * 44.1)
    compared = heard[:, first : first + song.shape[1]]
    assert compared.shape[1] > 0.9 * song.shape[1]
    return float(np.abs(compared - song[:, : compared.shape[1]]).max())


CHAINS = [
    thorough({"vocals": LATE}),
    {"vocals": LATE, "drums": [{"effect": "Gain", "gain_db": 0.0}], "mix": LATE},
    {"other": [{"plugin": ZAMAXIM}], "bass": LATE},
]


@pytest.mark.parametrize("chains", CHAINS, ids=["stem", "stems and sum", "a real plug-in"])
def test_the_sum_stays_aligned_to_the_sample(jack_server, tmp_path, chains):
    if "other" in chains and not os.path.exists(ZAMAXIM):
        pytest.skip("zam-plugins are not installed (apt install zam-plugins)")
    jack_server(44100, PERIOD)
    song = 0.5 * music(2.0)
    devices = {"input": "player", "output": "recorder"}
    plain = LiveSession("classic", mode="inline", **devices)
    heard, first, before = play_through(tmp_path, plain, song)
    assert difference(heard, first, song, before) < 1e-6
    live = LiveSession("classic", mode="inline", fx=chains, **devices)
    heard, first, status = play_through(tmp_path, live, song)
    assert difference(heard, first, song, status) < 2e-6
    stems = max(live.fx[name].latency_samples for name in chains if name != "mix")
    n_reserves = 2 if "mix" in chains else 1
    late = n_reserves * rack_reserve(PERIOD) + stems + ("mix" in chains and 220)
    assert stems in (220, 480)
    assert round((status.latency_ms - before.latency_ms) * 44.1) == late
    assert set(status.racks.values()) == {"on"}


@pytest.mark.parametrize("number", [thorough(signal.SIGSEGV), signal.SIGSTOP])
def test_sound_goes_on_while_a_rack_crashes_or_hangs_and_the_rack_returns(
    jack_server, tmp_path, number
):
    jack_server(44100, PERIOD)
    song = 0.5 * music(4.0)
    heard_of = []
    devices = {"input": "player", "output": "recorder"}
    live = LiveSession("classic", mode="inline", fx={"vocals": LATE}, **devices)
    live.listen(lambda event: event["event"] == "rack" and heard_of.append(event))

    def attack():
        time.sleep(0.7)
        before = rack_process()
        os.kill(before.pid, number)
        wait_until(lambda: heard_of)
        assert heard_of[0]["state"] == "restarted"
        wait_until(lambda: rack_process() and rack_process().pid != before.pid)

    heard, first, status = play_through(tmp_path, live, song, attack)
    # At unity the unprocessed stems are the same sound: nothing at all is to be heard of it.
    assert difference(heard, first, song, status) < 2e-6
    assert status.late_racks >= 1
    assert status.restarts == 0
    assert rack_process() is None


def test_racks_are_steered_while_music_plays(jack_server):
    jack_server(44100, PERIOD)
    board = pedalboard.Pedalboard([pedalboard.Reverb(room_size=0.2), pedalboard.Gain(0.0)])
    with LiveSession("classic", mode="inline", fx={"vocals": board, "mix": []}) as live:
        vocals = live.fx["vocals"]
        assert set(vocals.parameters) == {"reverb", "gain"}
        assert vocals.get("reverb", "room_size") == pytest.approx(0.2)
        vocals.set("reverb", "room_size", 0.5)
        assert vocals.get("reverb", "room_size") == 0.5
        with pytest.raises(ChainError, match=r"did you mean 'room_size'"):
            vocals.set("reverb", "roomsize", 0.5)
        vocals.bypass = True
        assert live.status().racks == {"vocals": "bypassed", "mix": "on"}
        vocals.bypass = False
        live.fx["mix"].load("glue")
        assert set(live.fx["mix"].parameters) == {"compressor", "gain"}
        with pytest.raises(ChainError, match="this session waits for 0"):
            live.fx["mix"].load(LATE)
        assert set(live.fx["mix"].parameters) == {"compressor", "gain"}
        live.change(profile="tight")
        live.change(stem_set="2stems")
        assert live.status().racks == {"vocals": "on", "mix": "on"}
        assert live.status().facts["rack_samples"] == 2 * rack_reserve(PERIOD)
        n = live.status().callbacks
        wait_until(lambda: live.status().callbacks > n + 20)
    assert rack_process() is None


def test_racks_return_with_the_sound_and_nothing_of_them_is_left(jack_server):
    server = jack_server(44100, PERIOD)
    with LiveSession("classic", mode="inline", fx={"vocals": "hall", "mix": "glue"}) as live:
        live.fx["vocals"].set("hall", "room_size", 0.1)
        live.fx["mix"].bypass = True
        server.kill()
        wait_until(lambda: live.status().state == "waiting")
        assert rack_process() is None
        server.start()
        wait_until(lambda: live.status().state == "playing")
        assert live.status().racks == {"vocals": "on", "mix": "bypassed"}
        assert live.fx["vocals"].get("hall", "room_size") == 0.1
        rack = rack_process()
        os.kill(rack.pid, signal.SIGSTOP)
        rack.parent().kill()  # the audio process, while its racks hang
        wait_until(lambda: live.status().restarts == 2 and live.status().state == "playing")
        wait_until(lambda: not rack.is_running())
        assert rack_process().pid != rack.pid
    assert rack_process() is None


def test_a_chain_that_is_too_late_is_refused_before_there_is_sound(jack_server):
    jack_server(44100, PERIOD)
    live = LiveSession("classic", fx={"vocals": [{"effect": "MP3Compressor"}]})
    with pytest.raises(Exception, match=r"81\.8 ms late, more than 50 ms"):
        live.start()
