"""`streamsep karaoke` with a real server: a song in another key, its words in time, a voice beside it."""

import json
import subprocess

import numpy as np
import pytest
import soundfile

from rig.programs import Program
from rig.test_live_command import LIVE
from signals import music

KARAOKE = [*LIVE[:-1], "karaoke"]


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    soundfile.write(path, music(7.0).T, 44100)
    path.with_suffix(".lrc").write_text("[00:01.50]sing\n[00:04.50]along\n")
    return path


def test_a_song_in_another_key_with_its_words(jack_server, song):
    pytest.importorskip("pedalboard")
    jack_server(44100, 256)
    command = [*KARAOKE, str(song), "--key", "-2", "--preset", "classic"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    told = done.stdout
    assert told.find("♪ sing") > 0, told
    assert told.index("♪ sing") < told.index("♪ along")


def test_a_voice_beside_a_device(jack_server, tmp_path):
    jack_server(44100, 256)
    voice = np.random.default_rng(0).uniform(-0.1, 0.1, (1, 6 * 44100)).astype(np.float32)
    np.save(tmp_path / "voice.npy", voice)
    np.save(tmp_path / "song.npy", music(6.0))
    with (
        Program("jack_client.py", "play", "singer", 1, tmp_path / "voice.npy"),
        Program("jack_client.py", "play", "player", 2, tmp_path / "song.npy"),
    ):
        command = [*KARAOKE, "player", "--mic", "singer", "--out", "system", "--preset", "classic"]
        done = subprocess.run(
            [*command, "--json", "--seconds", "3"], capture_output=True, text=True, timeout=240
        )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert any("microphone singer on system" in event.get("text", "") for event in events)
    assert events[-1]["event"] == "ended"


def test_a_device_in_another_key_says_what_it_costs(jack_server, tmp_path):
    pytest.importorskip("pylibrb")
    jack_server(44100, 256)
    command = [*KARAOKE, "system", "--out", "system", "--preset", "classic", "--key", "-2"]
    done = subprocess.run(
        [*command, "--json", "--seconds", "2"], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    playing = next(event for event in events if event["event"] == "playing")
    assert 0.085 < playing["rack_samples"] / 44100 < 0.12
    status = [event for event in events if event["event"] == "status"][-1]
    assert status["racks"] == {"vocals": "on", "bass": "on", "other": "on"}
    assert status["latency_ms"] > 100.0
