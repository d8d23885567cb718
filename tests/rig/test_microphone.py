"""A voice comes beside the music through a real JACK server, dry and at once, and comes back."""

import time

import numpy as np

from rig.programs import Program
from streamsep_bridge import LiveSession
from streamsep_bridge.karaoke.microphone import Microphone

CLIENT = "jack_client.py"
RATE, BLOCK = 44100, 256


def wait_until(is_so, seconds=20.0):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_voice_is_dry_and_the_music_stays(jack_server, tmp_path):
    jack_server(RATE, BLOCK)
    t = np.arange(3 * RATE) / RATE
    voice = (0.25 * np.sin(2.0 * np.pi * 3000.0 * t)).astype(np.float32)
    np.save(tmp_path / "voice.npy", voice[None])
    np.save(tmp_path / "song.npy", np.full((2, 3 * RATE), 0.25, np.float32))
    singing = ("play", "singer", 1, tmp_path / "voice.npy")
    playing = ("play", "player", 2, tmp_path / "song.npy")
    recording = ("record", "recorder", 2, tmp_path / "heard.npy", "--seconds", 2.5)
    live = LiveSession("classic", mode="inline", input="player", output="recorder", limiter=False)
    microphone = Microphone("singer", output="recorder", gain_db=-6.0, room=0.0)
    with (
        Program(CLIENT, *singing) as singer,
        Program(CLIENT, *playing) as player,
        Program(CLIENT, *recording) as recorder,
        live,
        microphone,
    ):
        wait_until(lambda: microphone.state == "playing")
        player.tell()
        recorder.tell()
        recording_from = recorder.result()["start"]
        singer.tell()
        sung_from = singer.result()["start"]
        recorder.result()
        assert microphone.peak > 0.1
    heard = np.load(tmp_path / "heard.npy")
    first = sung_from - recording_from
    part = slice(first + RATE, first + RATE + RATE // 2)
    high = heard[:, part] - heard[:, part].mean(axis=1, keepdims=True)  # the music is a level
    sung = 10.0 ** (-6.0 / 20.0) * voice[RATE : RATE + RATE // 2]
    assert np.abs(high - sung).max() < 1e-3  # no sample late, no room, no separator
    assert heard[0, part].mean() > 0.2


def test_a_microphone_that_goes_away_is_told_and_comes_back(jack_server):
    server, told = jack_server(RATE, BLOCK), []
    microphone = Microphone("system", output="system")
    microphone.listen(lambda event: told.append(event["text"]))
    with microphone:
        wait_until(lambda: microphone.state == "playing")
        server.kill()
        wait_until(lambda: microphone.state == "waiting")
        server.start()
        wait_until(lambda: microphone.state == "playing")
        microphone.gain_db = -12.0
    assert microphone.state == "stopped"
    assert "waiting for the microphone" in "\n".join(told)
    assert told[-1].startswith("microphone system on system")
