"""The short polyphase filter: levels, images, delay, and independence of the block split."""

import math

import numpy as np
import pytest

from streamsep.errors import SampleRateError, ShapeError
from streamsep.resample import StreamingResampler


def resample(x, rate_in, rate_out, splits=()):
    """Push x in the given block sizes, the rest and half_width zeros for the tail in one block."""
    x = np.atleast_2d(x).astype(np.float32)
    stage = StreamingResampler(rate_in, rate_out, len(x))
    x = np.pad(x, ((0, 0), (0, stage.half_width)))
    blocks = np.split(x, np.cumsum(splits), axis=1) if len(splits) else [x]
    room = np.zeros((len(x), x.shape[1] * rate_out // rate_in + 8), np.float32)
    out = [room[:, : stage.push(b, room)].copy() for b in blocks]
    return np.concatenate(out, axis=1)


def tone(frequency_hz, rate, seconds=0.25):
    return np.sin(2 * np.pi * frequency_hz * np.arange(int(seconds * rate)) / rate)


def level_db(y, rate, frequency_hz):
    """Amplitude in dB at one frequency, over the settled middle."""
    y = y[len(y) // 4 : -len(y) // 4]
    window = np.hanning(len(y))
    wave = np.exp(-2j * np.pi * frequency_hz * np.arange(len(y)) / rate)
    return 20 * math.log10(abs(np.sum(window * wave * y)) * 2 / window.sum() + 1e-12)


@pytest.mark.parametrize("rates", [(44100, 48000), (48000, 44100), (96000, 48000), (44101, 44100)])
def test_constant_stays_constant_in_every_phase(rates):
    y = resample(np.ones(4000), *rates)[0]
    assert np.abs(y[400:-400] - 1).max() < 3e-7


@pytest.mark.parametrize(("rate_in", "rate_out"), [(44100, 48000), (48000, 44100), (96000, 48000)])
@pytest.mark.parametrize("frequency_hz", [50, 1000, 10000, 15000, 19000])
def test_passband_is_flat(rate_in, rate_out, frequency_hz):
    y = resample(tone(frequency_hz, rate_in), rate_in, rate_out)[0]
    assert abs(level_db(y, rate_out, frequency_hz)) < 0.01


@pytest.mark.parametrize(
    ("rate_in", "rate_out", "frequency_hz", "ghost_hz", "limit_db"),
    [
        (44100, 48000, 15000, 48000 - 29100, -88),  # image of 15 kHz, folded
        (48000, 96000, 15000, 33000, -88),
        (96000, 48000, 26000, 22000, -88),  # alias
        (96000, 48000, 40000, 8000, -88),
        (192000, 44100, 30000, 14100, -88),
        (44101, 44100, 15000, 14101, -88),  # interpolated phases
        (22050, 44100, 8000, 14050, -88),
        (11025, 44100, 4000, 7025, -60),
        (8000, 48000, 2900, 5100, -46),  # 22 taps are all that 1.375 ms hold
    ],
)
def test_images_and_aliases_are_rejected(rate_in, rate_out, frequency_hz, ghost_hz, limit_db):
    y = resample(tone(frequency_hz, rate_in), rate_in, rate_out)[0]
    assert level_db(y, rate_out, ghost_hz) < limit_db


def test_time_axes_share_sample_zero():
    """A band-limited pulse comes out as the same pulse sampled on the other grid."""
    rate_in, rate_out, centre_s, width_s = 44100, 48000, 0.0231, 1e-4
    pulse = lambda rate: np.exp(-(((np.arange(rate // 20) / rate - centre_s) / width_s) ** 2))  # noqa: E731
    y = resample(pulse(rate_in), rate_in, rate_out)[0]
    assert np.abs(y[:2300] - pulse(rate_out)[:2300]).max() < 1e-4


@pytest.mark.parametrize("rates", [(44100, 48000), (96000, 48000), (8000, 48000), (44101, 44100)])
def test_any_split_gives_the_same_bits(rates):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((3, 3000)).astype(np.float32)
    whole = resample(x, *rates)
    for splits in ([1] * 3000, [64] * 46, [441] * 6, rng.integers(0, 300, 12)):
        assert np.array_equal(resample(x, *rates, splits=splits), whole)


@pytest.mark.parametrize(
    "rates",
    [
        (96000, 48000),
        (44100, 48000),
        (8000, 48000),
        (48000, 8000),
        (22050, 44100),
        (192000, 44100),
        (11111, 44100),
        (44100, 11111),
    ],
)
def test_delay_is_at_most_1_5_ms_and_count_is_exact(rates):
    rate_in, rate_out = rates
    stage = StreamingResampler(rate_in, rate_out, 1)
    room, x = np.zeros((1, 64), np.float32), np.zeros((1, 7), np.float32)
    n_in = n_out = 0
    for _ in range(2000):
        n_in, n_out = n_in + 7, n_out + stage.push(x, room)
        assert n_out == stage.n_available(n_in)
        assert n_in / rate_in - n_out / rate_out <= 1.5e-3
    counts = np.arange(5000)
    assert np.array_equal(stage.n_available(counts), [stage.n_available(int(n)) for n in counts])


def test_counts_stay_exact_after_a_week():
    stage = StreamingResampler(44101, 44100, 1)
    week = 7 * 86400 * 44101
    assert stage.n_available(week + stage.half_width) == 7 * 86400 * 44100


def test_round_trip_of_music_like_noise():
    """96 -> 48 -> 96 kHz of pink noise below 18 kHz."""
    rng = np.random.default_rng(2)
    spectrum = np.fft.rfft(rng.standard_normal(96000))
    frequency = np.fft.rfftfreq(96000, 1 / 96000)
    spectrum[1:] /= np.sqrt(frequency[1:])
    spectrum[(frequency > 18000) | (frequency < 20)] = 0
    x = np.fft.irfft(spectrum)
    y = resample(resample(x, 96000, 48000), 48000, 96000)[0, : len(x)]
    error = (y - x)[500:-500]
    assert 10 * np.log10(np.sum(error**2) / np.sum(x[500:-500] ** 2)) < -85


def test_reset_forgets_everything():
    stage = StreamingResampler(44100, 48000, 1)
    x = np.random.default_rng(3).standard_normal((1, 500)).astype(np.float32)
    first, second = np.zeros((1, 600), np.float32), np.zeros((1, 600), np.float32)
    n_first = stage.push(x, first)
    stage.reset()
    assert stage.push(x, second) == n_first
    assert np.array_equal(first, second)


def test_odd_rates_use_bounded_memory():
    assert StreamingResampler(191999, 44100, 2).plan.table.nbytes < 1.2e6


def test_layouts_that_are_not_ours_still_work_and_stay_untouched():
    x = np.random.default_rng(4).standard_normal((400, 2))
    x.setflags(write=False)
    expected = resample(x.T.astype(np.float32), 48000, 44100)
    assert np.array_equal(resample(x.T, 48000, 44100), expected)


def test_wrong_shapes_and_rates_are_refused():
    stage = StreamingResampler(44100, 48000, 2)
    with pytest.raises(ShapeError, match="2 rows"):
        stage.push(np.zeros((1, 10), np.float32), np.zeros((2, 20), np.float32))
    with pytest.raises(ShapeError, match="room for"):
        stage.push(np.zeros((2, 1000), np.float32), np.zeros((2, 20), np.float32))
    with pytest.raises(SampleRateError, match="7999"):
        StreamingResampler(7999, 48000, 1)
