"""A song in another key is as long, aligned, and as much higher as was asked for."""

import numpy as np
import pytest
import soundfile

from streamsep.errors import ParameterError
from streamsep_bridge.karaoke.key import change_key

pytest.importorskip("pedalboard")
RATE = 44100


def write_song(path, seconds=3.0):
    """A tone of 440 Hz that begins after a second."""
    t = np.arange(round(seconds * RATE)) / RATE
    tone = 0.3 * np.sin(2.0 * np.pi * 440.0 * t) * (t >= 1.0)
    soundfile.write(path, np.stack([tone, tone], 1), RATE)


@pytest.mark.parametrize("semitones", [-2.0, 3.0, 0.5])
def test_a_tone_moves_by_so_many_semitones_and_stays_in_time(tmp_path, semitones):
    write_song(tmp_path / "song.wav")
    change_key(tmp_path / "song.wav", semitones, tmp_path / "sung.flac")
    sung, rate = soundfile.read(tmp_path / "sung.flac")
    assert (len(sung), rate) == (3 * RATE, RATE)
    part = sung[3 * RATE // 2 : 5 * RATE // 2, 0] * np.hanning(RATE)
    pitch = np.argmax(np.abs(np.fft.rfft(part, 8 * RATE))) / 8.0
    assert 12.0 * np.log2(pitch / 440.0) == pytest.approx(semitones, abs=0.05)
    begins = np.flatnonzero(np.abs(sung[:, 0]) > 0.15)[0] / RATE
    assert begins == pytest.approx(1.0, abs=0.05)


def test_nobody_sings_two_octaves_lower(tmp_path):
    with pytest.raises(ParameterError, match="-24 is outside -12 to 12"):
        change_key(tmp_path / "song.wav", -24.0, tmp_path / "sung.flac")
