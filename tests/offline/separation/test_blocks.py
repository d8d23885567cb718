import numpy as np
import pytest

from streamsep_offline.separation.blocks import CrossFade, segments


def _pieces(song, sizes):
    at = 0
    for size in sizes:
        yield song[..., at : at + size]
        at += size
    yield song[..., at:]


@pytest.mark.parametrize("n", [1, 9, 10, 11, 25, 29, 30, 31, 100])
@pytest.mark.parametrize("first", [0, 1, 2, 5])
def test_segments_are_the_song_with_zeros_around_it(n, first):
    song = np.arange(1, n + 1, dtype=np.float32)[None]
    core, before, after = 10, 23, 7
    padded = np.pad(song, ((0, 0), (before, n + core + after)))
    found = list(segments(_pieces(song, [3, 0, 11, 1]), core, before, after, first))
    assert [s.index for s in found] == list(range(first, -(-n // core)))
    for s in found:
        expected = padded[:, s.index * core :][:, : before + core + after]
        assert np.array_equal(s.samples, expected)
        assert s.n_valid == min(core, n - s.index * core)
        assert s.n_song in (None, n)
        if n < (s.index + 1) * core + after:
            assert s.n_song == n


def test_segments_do_not_depend_on_how_the_song_arrives():
    song = np.random.default_rng(0).standard_normal((2, 1000)).astype(np.float32)
    whole = list(segments([song], 64, 100, 30))
    for sizes in ([1] * 900, [64] * 10, [999]):
        parts = list(segments(_pieces(song, sizes), 64, 100, 30))
        assert len(parts) == len(whole)
        assert all(np.array_equal(a.samples, b.samples) for a, b in zip(whole, parts, strict=True))


def test_cross_fade_of_the_same_signal_changes_nothing():
    signal = np.random.default_rng(1).standard_normal((3, 2, 70)).astype(np.float32)
    fade = CrossFade(10)
    joined = [fade.push(signal[..., at : at + 30]) for at in (0, 20, 40)]
    np.testing.assert_allclose(np.concatenate(joined, -1), signal[..., :60], atol=1e-6)


def test_cross_fade_moves_steadily_from_one_block_to_the_next():
    fade = CrossFade(8)
    fade.push(np.zeros((1, 24), np.float32))
    ramp = fade.push(np.ones((1, 24), np.float32))[0]
    assert np.all(np.diff(ramp[:9]) > 0)
    assert np.all(ramp[8:] == 1)
    assert ramp[0] < 0.1


def test_cross_fade_leaves_its_argument_alone():
    block = np.ones((1, 24), np.float32)
    fade = CrossFade(8)
    fade.push(np.zeros((1, 24), np.float32))
    fade.push(block)
    assert np.all(block == 1)
