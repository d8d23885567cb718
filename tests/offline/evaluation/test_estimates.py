import numpy as np
import pytest

from signals import noise_stems
from streamsep.errors import AudioFileError
from streamsep_offline.evaluation.estimates import EstimatesMethod
from streamsep_offline.evaluation.score import SongAudio

RATE = 8000
NAMES = ("vocals", "drums")


@pytest.fixture
def song():
    return SongAudio("track", NAMES, noise_stems(2, 3.0), RATE)


@pytest.mark.parametrize("place", ["test/track", "track"])
def test_the_part_that_is_scored_is_cut_out(tmp_path, write_stems, song, place):
    write_stems(tmp_path / place, (*NAMES, "mixture"), noise_stems(3, 3.0, seed=9))
    part = song._replace(references=song.references[..., RATE : 2 * RATE], start_s=1.0)
    names, stems = EstimatesMethod(str(tmp_path)).open()(part)
    whole = noise_stems(3, 3.0, seed=9)
    assert dict(zip(names, stems[:, 0, 5], strict=True)) == {
        "vocals": whole[0, 0, RATE + 5],
        "drums": whole[1, 0, RATE + 5],
    }


def test_a_little_short_is_padded_long_is_cut_mono_is_doubled(tmp_path, write_stems, song):
    write_stems(tmp_path / "track", ("vocals",), noise_stems(1, 2.9, channels=1))
    write_stems(tmp_path / "other" / "track", ("vocals",), noise_stems(1, 3.4))
    _, short = EstimatesMethod(str(tmp_path)).open()(song)
    assert short.shape == (1, 2, 3 * RATE)
    assert np.array_equal(short[0, 0], short[0, 1])
    assert not short[..., round(2.9 * RATE) :].any()
    _, long = EstimatesMethod(str(tmp_path / "other")).open()(song)
    assert long.shape == (1, 2, 3 * RATE)


def test_what_does_not_fit_is_said(tmp_path, write_stems, song):
    estimate = EstimatesMethod(str(tmp_path)).open()
    with pytest.raises(AudioFileError, match=r"no estimates of 'track' at .*vocals, drums"):
        estimate(song)
    write_stems(tmp_path / "track", ("vocals",), noise_stems(1, 2.0))
    with pytest.raises(AudioFileError, match=r"lasts 2.0 s, the part to score ends at 3.0 s"):
        estimate(song)
    with pytest.raises(AudioFileError, match="at 8000 Hz, its song at 44100 Hz"):
        estimate(song._replace(sample_rate=44100))
    (tmp_path / "track" / "vocals.wav").write_bytes(b"no sound")
    with pytest.raises(AudioFileError, match=r"cannot read .*vocals.wav"):
        estimate(song)
