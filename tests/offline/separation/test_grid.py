import pytest

from streamsep.errors import ParameterError
from streamsep_offline.separation.grid import Grid

RATES = [8000, 11025, 16000, 22050, 44100, 44101, 48000, 96000, 191999, 192000]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("model_rate", [16000, 44100])
def test_blocks_are_whole_on_both_clocks(rate, model_rate):
    grid = Grid(rate, model_rate, 4096, 1024, 20, 10.0)
    assert grid.core * model_rate == grid.model_start(1) * rate
    assert abs(grid.core / rate - 10.0) < 0.51
    assert 0 < grid.overlap <= grid.core
    margin, model_margin = grid.margin
    assert margin * model_rate == model_margin * rate


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("context", [0, 3, 40])
@pytest.mark.parametrize("offset", [0, 700])
def test_segments_reach_as_far_as_their_windows(rate, context, offset):
    grid = Grid(rate, 44100, 4096, 1024, context, 2.0)
    lengths = [1, rate // 3, grid.core, 2 * grid.core + 1, 3 * grid.core + rate // 2, None]
    for n_song in lengths:
        n_blocks = 7 if n_song is None else -(-n_song // grid.core)
        for index in range(n_blocks):
            known = (
                None if n_song is None or n_song >= (index + 1) * grid.core + grid.after else n_song
            )
            w = grid.frame_window(index, known, offset)
            start = w.first * 1024 - offset - 2048 - grid.model_start(index)
            stop = start + (w.count - 1) * 1024 + 4096
            # What is resampled is a margin more on both sides, in whole periods.
            period, model_period = grid.period
            a = (start - grid.margin[1]) // model_period * period
            b = -(-(stop + grid.margin[1]) // model_period) * period
            assert a >= -grid.before
            assert b <= grid.core + grid.after


@pytest.mark.parametrize("offset", [0, 1, 1023])
@pytest.mark.parametrize("rate", [44100, 48000])
def test_the_filter_sees_every_frame_that_touches_the_block(rate, offset):
    grid = Grid(rate, 44100, 4096, 1024, 5, 2.0)
    for index in range(5):
        w = grid.frame_window(index, None, offset)
        first, last = w.first + w.start, w.first + w.stop - 1
        begin = grid.model_start(index) + grid.region[0]
        end = begin + grid.region[1]
        if index:  # before the first block there is nothing
            assert (first - 1) * 1024 - offset + 2048 <= begin
        assert (last + 1) * 1024 - offset - 2048 >= end


def test_each_frame_belongs_to_one_block():
    grid = Grid(48000, 44100, 4096, 1024, 5, 2.0)
    n_song = 5 * grid.core + 1000
    owned = []
    for index in range(6):
        w = grid.frame_window(index, n_song)
        frames = range(w.first + w.start, w.first + w.stop)
        owned += frames[w.own]
    n_model = n_song * 44100 // 48000
    assert owned == list(range(0, owned[-1] + 1))
    assert owned[-1] * 1024 >= n_model - 1024


def test_the_window_keeps_its_length_and_stays_within_the_song():
    grid = Grid(44100, 44100, 4096, 1024, 30, 2.0)
    n_song = 4 * grid.core + 5
    windows = [grid.frame_window(index, n_song) for index in range(5)]
    assert len({w.count for w in windows}) == 1
    for w in windows:
        assert w.first >= -1
        assert (w.first + w.count - 1) * 1024 - 2048 < n_song


def test_a_short_song_is_seen_whole_and_no_further():
    grid = Grid(44100, 44100, 4096, 1024, 30, 10.0)
    w = grid.frame_window(0, 1)
    assert (w.first, w.count, w.start, w.stop) == (-1, 4, 0, 4)


@pytest.mark.parametrize("block_s", [0.5, -1.0, float("nan")])
def test_blocks_too_short_are_refused(block_s):
    with pytest.raises(ParameterError, match="block_s"):
        Grid(44100, 44100, 4096, 1024, 5, block_s)
