import numpy as np
import pytest
import soundfile

from layouts_on_disk import RATE, noise, write
from streamsep_offline.data.measure import FLOOR_DB, measure_file, measure_stem
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.song import Song


def tone(level, seconds=2.0):
    t = np.arange(round(seconds * RATE)) / RATE
    return level * np.stack([np.sin(2 * np.pi * 220 * t), np.cos(2 * np.pi * 220 * t)])


def measured(tmp_path, audio, name="a.wav", subtype="PCM_16"):
    return measure_file(Piece(write(tmp_path / name, np.atleast_2d(audio), RATE, subtype)))


def test_level_peak_and_activity_are_those_of_the_tone(tmp_path):
    m = measured(tmp_path, np.concatenate([tone(0.5), 0 * tone(1.0, 6.0)], axis=1))
    assert m.rms_db == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.01)
    assert m.peak == pytest.approx(0.5, abs=1e-4)
    assert m.active == pytest.approx(0.25)
    assert (m.seconds, m.sample_rate, m.channels) == (8.0, RATE, 2)
    assert m.format_name == "WAV PCM_16"
    assert not m.is_mono
    assert not m.is_silent


def test_silence_is_silent(tmp_path):
    m = measured(tmp_path, np.zeros((2, RATE)))
    assert m.is_silent
    assert m.rms_db == FLOOR_DB
    assert m.active == 0.0


def test_one_channel_and_two_equal_ones_are_mono_and_the_same(tmp_path):
    audio = noise("a")
    one = measured(tmp_path, audio[0], "one.wav")
    two = measured(tmp_path, audio[[0, 0]], "two.flac")
    assert one.is_mono
    assert two.is_mono
    assert (one.channels, two.channels) == (1, 2)
    assert one.digest == two.digest
    assert one.digest != measured(tmp_path, audio, "other.wav").digest


@pytest.mark.parametrize("hz", [41.0, 220.0, 3000.0])
@pytest.mark.parametrize("level", [0.99, 1.0, 2.0])
def test_flat_tops_are_counted_and_round_ones_are_not(tmp_path, level, hz):
    audio = np.clip(level * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE), -1.0, 32767 / 32768)
    m = measured(tmp_path, np.stack([audio, audio]))
    # A sine of twice full scale is beyond it two thirds of the time.
    assert m.n_clipped / (2 * RATE) == pytest.approx(2 / 3 if level > 1.0 else 0.0, abs=0.07)
    if level <= 1.0:
        assert m.n_clipped == 0


def test_floats_beyond_full_scale_are_not_clipped(tmp_path):
    assert measured(tmp_path, tone(4.0), subtype="FLOAT").n_clipped == 0


def test_a_sum_of_files_is_measured_as_it_is_read(tmp_path):
    a, b = noise("a"), noise("b")
    pieces = tuple(Piece(write(tmp_path / f"{k}.wav", x)) for k, x in enumerate((a, b)))
    song = Song("song", {"both": pieces, "less": (pieces[0], Piece(pieces[0].path, gain=-1.0))})
    assert measure_stem(song, "both").rms_db == pytest.approx(
        10 * np.log10(np.mean((a + b) ** 2)), abs=0.01
    )
    assert measure_stem(song, "less").is_silent


def test_lossy_files_are_read_to_their_end(tmp_path):
    soundfile.write(tmp_path / "a.ogg", tone(0.3).T, RATE)
    m = measure_file(Piece(tmp_path / "a.ogg"))
    assert m.seconds == pytest.approx(2.0, abs=0.05)
    assert m.format_name == "OGG VORBIS"
