"""A FLAC file tells its length while it grows."""

import numpy as np
import pytest
import soundfile

from signals import music
from streamsep_bridge.record.flac_file import FlacFile

MUSIC = music(0.5)


@pytest.mark.parametrize(("bits", "step"), [(24, 2**-24), (16, 2**-16)])
@pytest.mark.parametrize("rate", [44100, 48000])
def test_samples_come_back_rounded_to_the_nearest_step(tmp_path, read_file, bits, step, rate):
    file = FlacFile(tmp_path / "a.flac", rate, 2, bits)
    file.write(MUSIC)
    file.add_silence(70000)
    file.write(2.0 * np.ones((2, 5), np.float32))
    file.close()
    samples = read_file(tmp_path / "a.flac", rate)
    n = MUSIC.shape[1]
    assert np.abs(samples[:, :n] - MUSIC).max() <= step
    assert samples.shape[1] == n + 70005
    assert not samples[:, n:-5].any()
    assert (samples[:, -5:] == 1.0 - 2 * step).all()
    assert soundfile.info(tmp_path / "a.flac").subtype == f"PCM_{bits}"


def test_a_file_that_is_still_written_tells_how_much_of_it_can_be_read(tmp_path, read_file):
    path = tmp_path / "a.flac"
    file = FlacFile(path, 44100, 2, 24)
    file.sync()  # not even a head yet
    for start in range(0, MUSIC.shape[1], 1000):
        file.write(MUSIC[:, start : start + 1000])
        file.sync()
        written = min(start + 1000, MUSIC.shape[1])
        n = soundfile.info(path).frames
        if written <= 4096:
            continue
        assert 0 <= written - n <= 4096
        assert np.abs(read_file(path) - MUSIC[:, :n]).max() <= 2**-24
    file.close()
    assert soundfile.info(path).frames == MUSIC.shape[1]


def test_what_flac_cannot_hold_leaves_no_file(tmp_path):
    with pytest.raises(OSError, match="9000000 Hz"):
        FlacFile(tmp_path / "a.flac", 9_000_000, 2, 24)
    assert not list(tmp_path.iterdir())
