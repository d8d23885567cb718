"""`live.source` without a server: what it says and refuses before anything plays."""

import numpy as np
import pytest
import soundfile

from streamsep.errors import AudioFileError, ParameterError
from streamsep_bridge import LiveSession


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    soundfile.write(path, np.zeros((48_000 * 2, 2), np.float32), 48_000)
    return path


def test_it_is_known_before_it_plays(song):
    live = LiveSession("classic", source=song, loop=True)
    source = live.source
    assert source.duration_s == 2.0
    source.seek(0.5)
    source.paused = True
    assert live.status().source == {
        "path": str(song),
        "position_s": 0.5,
        "duration_s": 2.0,
        "is_paused": True,
        "is_looped": True,
        "is_over": False,
    }
    choice = source.choice()
    assert (choice.start_s, choice.is_paused, choice.is_looped) == (0.5, True, True)
    source.seek(99.0)
    assert source.position_s == 2.0
    source.seek(-1.0)
    assert source.position_s == 0.0
    with pytest.raises(ParameterError, match="nan"):
        source.seek(float("nan"))


def test_a_session_without_a_file_has_none():
    live = LiveSession("classic")
    assert live.source is None
    assert live.status().source is None


def test_what_contradicts_itself_is_refused(song, tmp_path):
    for other in ({"input": "mic"}, {"split": True}):
        with pytest.raises(ParameterError, match="takes the place of an input"):
            LiveSession("classic", source=song, **other)
    with pytest.raises(ParameterError, match="needs a file"):
        LiveSession("classic", loop=True)
    with pytest.raises(AudioFileError, match="does not exist"):
        LiveSession("classic", source=tmp_path / "nothing.wav")
