import numpy as np
import pytest

from streamsep_offline.augment.drop import Drop
from streamsep_offline.augment.gain import Gain, GainLinear, GainNormal
from streamsep_offline.augment.level import Level
from streamsep_offline.augment.rotate import Rotate
from streamsep_offline.augment.shift import Shift
from streamsep_offline.augment.solo import Solo
from streamsep_offline.augment.swap import Swap
from streamsep_offline.augment.width import Narrow, Width
from streamsep_offline.data.example import Example

RATE = 44100


def gains(piece, example, n=200):
    """Gain of each stem, [n, stems]."""
    rng = np.random.default_rng(0)
    drawn = [piece(rng, example, RATE).stems for _ in range(n)]
    return np.array([[np.abs(s).max() for s in stems] for stems in drawn]) / np.abs(
        example.stems
    ).max(axis=(1, 2))


def test_gains_fill_their_ranges_independently(example):
    drawn_db = 20 * np.log10(gains(Gain(low_db=-12, high_db=2), example))
    assert drawn_db.min() > -12.001
    assert drawn_db.max() < 2.001
    assert drawn_db.mean() == pytest.approx(-5.0, abs=0.7)
    assert np.abs(np.corrcoef(drawn_db.T) - np.eye(3)).max() < 0.25


def test_linear_gains_are_those_of_open_unmix(example):
    drawn = gains(GainLinear(), example)
    assert drawn.min() > 0.249
    assert drawn.max() < 1.251
    assert drawn.mean() == pytest.approx(0.75, abs=0.05)


def test_normal_gains_have_their_deviation(example):
    drawn_db = 20 * np.log10(gains(GainNormal(mean_db=-3, deviation_db=3), example))
    assert drawn_db.mean() == pytest.approx(-3.0, abs=0.5)
    assert drawn_db.std() == pytest.approx(3.0, abs=0.4)
    assert np.abs(drawn_db + 3).max() < 9.01


def test_level_moves_all_stems_together(example):
    drawn = gains(Level(), example, 20)
    assert np.ptp(drawn, axis=1).max() < 1e-6
    assert np.ptp(drawn[:, 0]) > 0.1


def test_chance_is_the_share_of_parts_that_change(example):
    rng = np.random.default_rng(0)
    swapped = [
        not np.array_equal(Swap(0.25)(rng, example, RATE).stems[2], example.stems[2])
        for _ in range(400)
    ]
    assert np.mean(swapped) == pytest.approx(0.25, abs=0.07)


def test_one_stem_always_stays(example):
    rng = np.random.default_rng(0)
    sounding = [np.any(Drop(1.0)(rng, example, RATE).stems, axis=(1, 2)) for _ in range(30)]
    assert {int(s.sum()) for s in sounding} == {1}
    assert len({int(s.argmax()) for s in sounding}) == 3


def test_one_stem_that_sounds_is_left_alone(example):
    rng = np.random.default_rng(0)
    stems = (example.stems * np.array([1.0, 1e-3, 1.0])[:, None, None]).astype(np.float32)
    quiet = Example(stems.sum(axis=0), stems)
    alone = set()
    for _ in range(40):
        solo = Solo(1.0)(rng, quiet, RATE)
        (j,) = np.flatnonzero(np.any(solo.stems, axis=(1, 2)))
        assert np.array_equal(solo.stems[j], stems[j])
        assert np.array_equal(solo.mixture, solo.stems[j])
        alone.add(int(j))
    assert alone == {0, 2}


def test_silence_alone_is_silence(example):
    silence = Example(np.zeros_like(example.mixture), np.zeros_like(example.stems))
    assert not Solo(1.0)(np.random.default_rng(0), silence, RATE).mixture.any()


def test_shifted_parts_are_moved_whole(example):
    rng = np.random.default_rng(2)
    shifted = Shift(most_s=0.1)(rng, example, RATE).stems[1, 0]
    x = example.stems[1, 0]
    lags = np.fft.irfft(np.fft.rfft(x, 2**16).conj() * np.fft.rfft(shifted, 2**16))
    lag = int(np.argmax(lags))
    lag = lag - 2**16 if lag > 2**15 else lag
    assert 0 < abs(lag) <= 4410
    moved = x[:-lag] if lag > 0 else x[-lag:]
    kept = shifted[lag:] if lag > 0 else shifted[:lag]
    assert np.array_equal(moved, kept)
    assert not (shifted[:lag] if lag > 0 else shifted[lag:]).any()


def test_rotation_keeps_power_and_moves_the_middle(example):
    rng = np.random.default_rng(1)
    turned = Rotate(most_degrees=90)(rng, example, RATE).stems
    np.testing.assert_allclose(
        np.square(turned).sum(axis=(1, 2)), np.square(example.stems).sum(axis=(1, 2)), rtol=1e-4
    )
    assert np.abs(turned[0, 0] - turned[0, 1]).max() > 0.01


def test_mono_mixes_are_mono_and_widths_keep_the_middle(example):
    mono = Narrow(chance=1.0, mono=1.0)(np.random.default_rng(0), example, RATE)
    assert np.abs(mono.stems[:, 0] - mono.stems[:, 1]).max() < 1e-7
    wide = Width(low=0.0, high=2.0)(np.random.default_rng(0), example, RATE)
    np.testing.assert_allclose(wide.stems.mean(axis=1), example.stems.mean(axis=1), atol=1e-6)
    assert np.abs(wide.stems - example.stems).max() > 1e-3
