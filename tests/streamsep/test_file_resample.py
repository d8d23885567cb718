"""soxr in blocks: same as in one go, in place, and as long as promised."""

import numpy as np
import pytest
import soxr

from streamsep.errors import ShapeError
from streamsep.file_resample import FileResampler

RATES = [
    (96000, 48000),
    (48000, 96000),
    (22050, 44100),
    (192000, 48000),
    (32000, 48000),
    (44101, 44100),
]


def run(x, rate_in, rate_out, block=512):
    stage = FileResampler(rate_in, rate_out, len(x))
    parts = [stage.push(x[:, i : i + block]) for i in range(0, x.shape[1], block)]
    return np.concatenate([*parts, stage.finish()], axis=1)


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
@pytest.mark.parametrize("n", [0, 1, 5001, 20000])
def test_blocks_equal_one_go_and_length_is_promised(rate_in, rate_out, n):
    x = np.random.default_rng(0).standard_normal((2, n)).astype(np.float32)
    y = run(x, rate_in, rate_out)
    assert y.shape == (2, int(n * rate_out / rate_in + 0.5))
    if n:
        whole = soxr.resample(x.T, rate_in, rate_out, quality="VHQ").T
        assert np.abs(y[:, : whole.shape[1]] - whole).max(initial=0.0) < 1e-6


@pytest.mark.parametrize(("rate_in", "rate_out"), [(96000, 48000), (22050, 44100)])
def test_impulse_keeps_its_time(rate_in, rate_out):
    x = np.zeros((1, rate_in // 10), np.float32)
    x[0, rate_in // 30] = 1.0
    assert np.abs(run(x, rate_in, rate_out)[0]).argmax() == rate_in // 30 * rate_out // rate_in


def test_there_and_back_keeps_place_and_length():
    rng = np.random.default_rng(1)
    x = np.cumsum(rng.standard_normal((2, 96000)), axis=1).astype(np.float32) / 300
    y = run(run(x, 96000, 48000), 48000, 96000)
    assert y.shape == x.shape
    assert np.std((y - x)[:, 5000:-5000]) < 2e-3 * np.std(x)


def test_wrong_rows_are_refused():
    with pytest.raises(ShapeError, match=r"\[2, samples\]"):
        FileResampler(96000, 48000, 2).push(np.zeros((1, 5), np.float32))
