import numpy as np
import pytest

from streamsep.errors import ParameterError, SampleRateError
from streamsep.song import compose


@pytest.fixture(scope="module")
def song():
    return compose(seed=1)


def _level_db(audio):
    return 10 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-30)


def _band_levels_db(audio, sample_rate):
    """Energy per octave from 60 Hz to 16 kHz, independent of the rate. [..., samples]"""
    power = np.abs(np.fft.rfft(audio)) ** 2 / sample_rate**2
    octave = np.floor(np.log2(np.fft.rfftfreq(audio.shape[-1], 1 / sample_rate)[1:] / 62.5))
    bands = [power[..., 1:][..., octave == o].sum(axis=-1) for o in range(8)]
    return 10 * np.log10(np.stack(bands, axis=-1).sum(axis=-2))


def test_the_song_has_the_promised_shape_and_names(song):
    assert song.targets == ("vocals", "drums", "bass", "other")
    assert song.stems.shape == (4, 2, 20 * 44100)
    assert song.stems.dtype == song.mixture.dtype == np.float32
    assert 60 < song.bpm < 200
    assert song.key.split()[1] in ("major", "minor")


def test_the_stems_sum_to_the_mixture_exactly_and_leave_headroom(song):
    assert np.array_equal(song.stems.sum(axis=0), song.mixture)
    assert np.all(np.isfinite(song.stems))
    assert 0.85 < np.max(np.abs(song.mixture)) <= 0.9


def test_the_same_seed_is_the_same_song_and_another_seed_another(song):
    again, other = compose(3.0, seed=1), compose(3.0, seed=2)
    assert np.array_equal(again.stems, compose(3.0, seed=1).stems)
    for one, two in zip(again.stems, other.stems, strict=True):
        correlation = np.sum(one * two) / np.sqrt(np.sum(one**2) * np.sum(two**2))
        assert abs(correlation) < 0.5


def test_the_balance_is_that_of_pop_music(song):
    vocals, drums, bass, other = (_level_db(stem) for stem in song.stems)
    rest = _level_db(song.stems[1:].sum(axis=0))
    assert -4 < vocals - rest < 2
    assert all(-6 < level - vocals < 1 for level in (drums, bass, other))


@pytest.mark.parametrize("seed", range(3))
def test_the_voice_waits_for_two_bars_and_then_sings_most_of_the_time(seed):
    song = compose(seed=seed)
    power = np.square(song.stems[0].mean(axis=0))
    windows = power[: power.size // 2205 * 2205].reshape(-1, 2205).mean(axis=1)  # 50 ms
    is_active = windows > 1e-3 * windows.max()
    assert np.mean(is_active) > 0.6
    first_s = np.argmax(is_active) * 0.05
    assert abs(first_s - 8 * 60 / song.bpm) < 0.2


@pytest.mark.parametrize("duration_s", [1.0, 2.37, 9.999, 13.0, 41.3])
@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_any_duration_is_kept_to_the_sample_with_every_stem_sounding(duration_s, sample_rate):
    song = compose(duration_s, sample_rate, seed=4)
    assert song.stems.shape[-1] == round(duration_s * sample_rate)
    assert all(_level_db(stem) > -40 for stem in song.stems)
    assert np.max(np.abs(song.stems[..., -1])) < 1e-4, "the end must not click"


@pytest.mark.parametrize("sample_rate", [48000, 96000])
def test_the_music_is_the_same_at_every_rate(sample_rate):
    reference = _band_levels_db(compose(8.0, 44100, seed=5).stems, 44100)
    levels = _band_levels_db(compose(8.0, sample_rate, seed=5).stems, sample_rate)
    is_heard = reference > reference.max() - 60
    assert np.max(np.abs(levels - reference)[is_heard]) < 1.0


@pytest.mark.parametrize("duration_s", [0.0, 0.99, -3.0, 601.0, float("nan"), float("inf")])
def test_a_bad_duration_is_refused_with_its_value(duration_s):
    with pytest.raises(ParameterError, match=rf"duration_s={duration_s}.*1 to 600"):
        compose(duration_s)


@pytest.mark.parametrize("sample_rate", [0, 7999, 192001, 44100.5, -44100])
def test_a_bad_sample_rate_is_refused_with_its_value(sample_rate):
    with pytest.raises(SampleRateError, match=rf"sample_rate={sample_rate}.*44100"):
        compose(1.0, sample_rate)


@pytest.mark.parametrize("seed", [-1, 0.5])
def test_a_bad_seed_is_refused_with_its_value(seed):
    with pytest.raises(ParameterError, match=f"seed={seed}"):
        compose(1.0, seed=seed)
