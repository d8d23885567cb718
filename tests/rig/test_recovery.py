"""The server is killed while music plays: sound returns by itself, with every setting."""

import threading
import time

import numpy as np
import psutil

from rig.jack import is_thorough
from streamsep_bridge import LiveSession

N_KILLS = 20 if is_thorough() else 2
RETURN_S = 3.0


def wait_until(condition, seconds):
    """Seconds until the condition holds; fails after the time."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "nothing happened in time"
        time.sleep(0.01)
    return time.monotonic() - start


def has_gone_on(live, before):
    """A condition: the audio has called back ten times since."""
    return lambda: live.status().callbacks > before + 10


def test_sound_returns_after_the_server_was_killed(jack_server, tmp_path, record_property):
    server, heard = jack_server(44100, 256), []
    live = LiveSession("classic", mode="inline", record_s=5.0)
    live.listen(lambda event: heard.append(event["event"]))
    with live:
        live.stems["vocals"].gain_db = -9.0
        live.bypass = True
        live.change(profile="tight")
        live.record(tmp_path)
        for _ in range(N_KILLS):
            server.kill()
            wait_until(lambda: live.status().state == "waiting", 5.0)
            time.sleep(1.0)
            began = time.monotonic()
            server.start()
            wait_until(lambda: live.status().state == "playing", 10.0)
            seconds = time.monotonic() - began
            record_property("sound again after s", round(seconds, 2))
            assert seconds < RETURN_S
            wait_until(has_gone_on(live, live.status().callbacks), 2.0)
            status = live.status()
            assert status.facts["profile"] == "tight"
            assert np.isclose(live.stems["vocals"].gain_db, -9.0)
            assert live.bypass
        assert live.status().restarts == N_KILLS
        assert live.stop_recording()
    hosts = [p for p in psutil.Process().children() if "live.host" in " ".join(p.cmdline())]
    assert not hosts  # not even a zombie
    assert heard.count("lost") == N_KILLS
    assert len(list(tmp_path.glob("*.wav"))) == 6
    assert live.status().state == "stopped"


def test_stop_is_quick_while_it_plays_and_while_it_waits(jack_server):
    server = jack_server(44100, 256)
    for is_away in (False, True):
        live = LiveSession("classic", mode="inline")
        live.start()
        if is_away:
            server.kill()
            wait_until(lambda: live.status().state == "waiting", 5.0)  # noqa: B023
        start = time.monotonic()
        live.stop()
        assert time.monotonic() - start < 1.0


def test_a_server_that_returns_at_another_rate_is_played_at_that_rate(jack_server):
    server = jack_server(44100, 256)
    with LiveSession("classic", profile="tight", mode="inline") as live:
        live.stems["drums"].mute = True
        server.kill()
        wait_until(lambda: live.status().state == "waiting", 5.0)
        server.rate, server.period = 96000, 512
        server.start()
        wait_until(lambda: live.status().state == "playing", 10.0)
        wait_until(has_gone_on(live, live.status().callbacks), 2.0)
        facts = live.status().facts
        assert (facts["sample_rate"], facts["block_size"]) == (96000, 512)
        assert facts["profile"] == "tight"
        assert live.stems["drums"].mute


def test_a_server_that_hangs_at_the_start_is_told_and_waited_for(jack_server):
    server, reasons = jack_server(44100, 256), []
    live = LiveSession("classic", mode="inline")
    live.listen(lambda event: reasons.append(event.get("reason", "")))
    starting = threading.Thread(target=live.start, daemon=True)
    server.freeze()
    try:
        starting.start()
        wait_until(lambda: any("has not answered" in reason for reason in reasons), 60.0)
        assert live.status().state == "starting"
    finally:
        server.thaw()
    starting.join(60.0)
    with live:
        wait_until(has_gone_on(live, 0), 10.0)
