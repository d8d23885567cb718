import numpy as np
import pytest

from streamsep_offline.losses.compare import pull, taught_gain
from streamsep_offline.losses.make import make_loss


def test_squares_teach_the_mean_and_absolutes_the_median():
    rng = np.random.default_rng
    assert float(taught_gain(make_loss({"kind": "complex_l2"}), rng(1))) == pytest.approx(
        0.3, abs=0.05
    )
    assert float(taught_gain(make_loss({"kind": "complex_l1"}), rng(1))) == 0.0
    assert taught_gain(make_loss({"kind": "si_sdr"}), rng(1)) == "any"


def test_the_pull_of_a_quiet_stem_follows_the_degree():
    """20 dB down: about a hundredth for powers, about a tenth for amplitudes."""
    square = pull(make_loss({"kind": "waveform_l2"}), np.random.default_rng(2), 20.0)
    absolute = pull(make_loss({"kind": "waveform_l1"}), np.random.default_rng(2), 20.0)
    assert 0.005 < square < 0.06
    assert 0.05 < absolute < 0.3
