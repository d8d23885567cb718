"""What karaoke refuses, in one line each, before anything plays."""

import pytest
import soundfile

from streamsep.commands.main import main


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    soundfile.write(path, [[0.0, 0.0]] * 44100, 44100)
    return path


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["missing.wav"], "there is no file missing.wav"),
        (["Scarlett", "--lyrics", "x.lrc"], "--lyrics needs a file"),
        (["Scarlett", "--start", "3"], "--start needs a file"),
        (["SONG", "--key", "13"], "--key 13 is outside -12 to 12"),
        (["SONG", "--lyrics", "missing.lrc"], "missing.lrc cannot be read"),
        (["SONG", "--mic", "m", "--mic-room", "2"], "room=2.0 is outside 0 to 1"),
        (["SONG", "--mic", "m", "--mic-gain", "99"], "gain_db=99.0 is outside"),
    ],
)
def test_one_line_and_exit_code_2(song, capsys, arguments, line):
    pytest.importorskip("pedalboard")
    given = [str(song) if one == "SONG" else one for one in arguments]
    assert main(["karaoke", *given]) == 2
    told = capsys.readouterr().err
    assert line in told
    assert told.count("\n") == 1
