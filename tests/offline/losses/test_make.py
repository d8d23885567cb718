import pytest

from streamsep.errors import ParameterError
from streamsep_offline.losses.make import make_loss


def test_a_sum_is_the_weighted_sum(hear, blurred):
    heard = hear(blurred)
    table = {"sum": [{"kind": "complex_l1", "weight": 2}, {"kind": "si_sdr", "weight": 0.1}]}
    parts = [float(make_loss({"kind": kind})(heard)) for kind in ("complex_l1", "si_sdr")]
    assert float(make_loss(table)(heard)) == pytest.approx(2 * parts[0] + 0.1 * parts[1])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"kind": "magnitude_mes"}, "did you mean 'magnitude_mse'"),
        ({}, "there are: magnitude_mse"),
        ({"kind": "sdr", "flor_db": -30}, "did you mean 'floor_db'"),
        ({"kind": "magnitude_mse", "alpha": 9}, "use 0.1 to 2"),
        ({"kind": "multi_resolution", "n_fft": [0]}, "at least 4"),
        ({"kind": "sdr", "weight": 2.0}, "has no key 'weight'"),
        ({"sum": []}, "at least one"),
        ({"sum": [{"kind": "sdr"}], "kind": "sdr"}, "stands alone"),
        ({"sum": [{"kind": "sdr", "weight": -1}]}, "weight=-1 must be a number above 0"),
    ],
)
def test_mistakes_are_named_with_what_was_meant(table, words):
    with pytest.raises(ParameterError, match=words):
        make_loss(table)


def test_examples_too_short_are_named(hear, audio):
    short = audio[..., :640]
    with pytest.raises(ParameterError, match="longer than an example of 576 samples"):
        make_loss({"kind": "multi_resolution"})(hear(stems=short))
    with pytest.raises(ParameterError, match="use longer examples"):
        make_loss({"kind": "level_aligned"})(hear(stems=short))
