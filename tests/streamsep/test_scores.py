"""The scale of the scores: its two ends, its windows, its silence."""

import math

import numpy as np
import pytest

from streamsep.errors import ShapeError
from streamsep.scores import StemScore, ideal_ratio_stems, score_stems, sdr_db

RATE = 44100


def noise(seconds, seed, level=0.1):
    shape = (2, int(seconds * RATE))
    return (level * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def test_sdr_is_the_ratio_of_powers():
    x = noise(4, 0)
    assert sdr_db(x, 0.9 * x, RATE) == pytest.approx(20.0, abs=1e-3)
    assert sdr_db(x, x + noise(4, 1), RATE) == pytest.approx(0.0, abs=0.05)
    assert sdr_db(x, np.zeros_like(x), RATE) == pytest.approx(0.0, abs=1e-3)


def test_only_sounding_seconds_count():
    x = noise(7, 0)
    x[:, : 4 * RATE] *= 1e-3
    estimate = x.copy()
    estimate[:, : 4 * RATE] += 1.0  # a disaster where nothing should sound
    estimate[:, 4 * RATE :] *= 0.9
    assert sdr_db(x, estimate, RATE) == pytest.approx(20.0, abs=1e-3)
    assert math.isnan(sdr_db(x[:, : 6 * RATE], estimate[:, : 6 * RATE], RATE))  # two windows only
    assert math.isnan(sdr_db(x[:, :100], x[:, :100], RATE))


def test_median_forgives_one_bad_second():
    x = noise(5, 0)
    estimate = 0.9 * x
    estimate[:, :RATE] = 0.0
    assert sdr_db(x, estimate, RATE) == pytest.approx(20.0, abs=1e-3)


def test_ideal_stems_sum_to_the_mixture_and_separate_what_does_not_overlap():
    t = np.arange(3 * RATE + 77) / RATE
    low = np.tile(0.3 * np.sin(2 * np.pi * 200 * t), (2, 1))
    high = np.tile(0.2 * np.sin(2 * np.pi * 5000 * t), (2, 1))
    references = np.stack([low, high]).astype(np.float32)
    ideal = ideal_ratio_stems(references)
    assert ideal.shape == references.shape
    assert np.abs(ideal.sum(axis=0) - references.sum(axis=0)).max() < 1e-5
    assert sdr_db(references[1], ideal[1], RATE) > 40.0


def test_scale_runs_from_nothing_to_the_ideal_mask():
    references = np.stack([noise(4, 0), noise(4, 1, 0.05)])
    nothing = np.stack([references.sum(axis=0) / 2] * 2)
    for estimates, share in ((nothing, 0.0), (ideal_ratio_stems(references), 1.0)):
        for score in score_stems(("a", "b"), references, estimates, RATE):
            assert score.share_closed == pytest.approx(share, abs=1e-9)
    assert StemScore("a", 2.0, 4.0, 12.0).share_closed == pytest.approx(0.2)


def test_shapes_must_agree():
    x = np.zeros((2, 2, 100), np.float32)
    with pytest.raises(ShapeError, match="2 names"):
        score_stems(("a", "b"), x, x[..., :50], RATE)
