"""`streamsep demo`: files to hear, a table whose numbers are true, with and without the luxuries."""

import importlib.util
import json
import os
import sys
import types

import numpy as np
import pytest
import soundfile

from signals import music
from streamsep.commands.main import main
from streamsep.commands.playback import TURN_S

RATE = 44100


def read(path):
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


@pytest.fixture
def song(tmp_path):
    soundfile.write(tmp_path / "song.wav", music(1.5).T, RATE, subtype="FLOAT")
    return str(tmp_path / "song.wav")


def test_composed_song_is_scored(tmp_path, capsys):
    assert main(["demo", "-o", str(tmp_path), "--duration", "6", "--seed", "3"]) == 0
    table = capsys.readouterr().out
    for words in ("vocals", "drums", "bass", "other", "closed", "real time", "late"):
        assert words in table
    report = json.loads((tmp_path / "report.json").read_text())
    scores = {score["stem"]: score for score in report["scores"]}
    assert set(scores) == {"vocals", "drums", "bass", "other"}
    for score in scores.values():
        if score["ideal_db"] is not None:
            assert score["ideal_db"] > score["estimate_db"]
            assert score["ideal_db"] > score["nothing_db"]
    assert np.mean([s["share_closed"] for s in scores.values() if s["ideal_db"]]) > 0.0
    stems = sum(read(tmp_path / f"{name}.wav") for name in scores)
    assert np.abs(stems - read(tmp_path / "mixture.wav")).max() < 1e-6
    assert read(tmp_path / "mixture.wav").shape == (2, 6 * RATE)


def test_two_stems_are_scored_against_the_joined_truth(tmp_path):
    argv = ["demo", "-o", str(tmp_path), "--duration", "4", "--stems", "2stems", "--quiet"]
    assert main(argv) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert [score["stem"] for score in report["scores"]] == ["vocals", "accompaniment"]


def test_song_of_the_user(tmp_path, song, capsys):
    assert main(["demo", song, "-o", str(tmp_path / "out"), "--duration", "1"]) == 0
    assert "closed" not in capsys.readouterr().out
    mixture, vocals = read(tmp_path / "out" / "mixture.wav"), read(tmp_path / "out" / "vocals.wav")
    assert np.abs(mixture - read(song)[:, :RATE]).max() < 1e-6
    assert np.abs(read(tmp_path / "out" / "karaoke.wav") + vocals - mixture).max() < 1e-6
    assert json.loads((tmp_path / "out" / "report.json").read_text())["scores"] == []


def test_without_matplotlib_the_demo_works_and_says_how_to_get_a_picture(
    tmp_path, song, capsys, monkeypatch
):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "matplotlib" else find(name)
    )
    assert main(["demo", song, "-o", str(tmp_path / "out"), "--duration", "0.5"]) == 0
    assert "streamsep[plot]" in capsys.readouterr().out
    assert "spectrogram.png" not in os.listdir(tmp_path / "out")


def test_picture_is_left(tmp_path, song):
    pytest.importorskip("matplotlib", reason="needs the extra 'plot'")
    assert main(["demo", song, "-o", str(tmp_path / "out"), "--quiet"]) == 0
    assert (tmp_path / "out" / "spectrogram.png").read_bytes()[:4] == b"\x89PNG"


def test_play_without_sounddevice_names_the_extra(tmp_path, song, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert main(["demo", song, "-o", str(tmp_path / "out"), "--play", "--quiet"]) == 2
    assert "streamsep[live]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


class FakeStream:
    """Stands in for a sound device and keeps what it was given."""

    def __init__(self, **settings):
        self.settings, self.heard, self.is_open = settings, [], True

    def start(self):
        pass

    def write(self, frames):
        assert frames.dtype == np.float32
        self.heard.append(frames.copy())

    def stop(self):
        pass

    def close(self):
        self.is_open = False


def test_play_takes_turns(tmp_path, monkeypatch):
    streams = []
    fake = types.ModuleType("sounddevice")
    fake.PortAudioError = type("PortAudioError", (Exception,), {})
    fake.OutputStream = lambda **settings: streams.append(FakeStream(**settings)) or streams[-1]
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    soundfile.write(tmp_path / "song.wav", music(2 * TURN_S).T, RATE, subtype="FLOAT")
    argv = ["demo", str(tmp_path / "song.wav"), "-o", str(tmp_path), "--play", "--quiet"]
    assert main([*argv, "--duration", str(2 * TURN_S - 1)]) == 0
    (stream,) = streams
    heard = np.concatenate(stream.heard).T
    n = int(TURN_S * RATE)
    everything, vocals = read(tmp_path / "mixture.wav"), read(tmp_path / "vocals.wav")
    assert np.abs(heard[:, : n - 2048] - everything[:, : n - 2048]).max() < 1e-5
    settled = np.s_[:, n + 4096 :]
    assert np.abs(heard[settled] - vocals[settled]).max() < 1e-5
    assert not stream.is_open


def test_input_is_not_overwritten(tmp_path, capsys):
    soundfile.write(tmp_path / "mixture.wav", music(0.5).T, RATE)
    assert main(["demo", str(tmp_path / "mixture.wav"), "-o", str(tmp_path), "--quiet"]) == 2
    assert "is the input" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["mixture.wav"]
