"""What theory says of ideal masks, on stems whose spectra overlap."""

import numpy as np
import pytest

from signals import music, noise_stems
from streamsep.errors import ParameterError
from streamsep.scores import ideal_ratio_stems, sdr_db
from streamsep.spec import PROFILES, Profile
from streamsep_offline.evaluation.oracle import KINDS, OracleMethod

RATE = 8000
STAGE = PROFILES["stage"]


@pytest.fixture(scope="module")
def stems():
    """Tones over noise, a noise that comes and goes, and a bass; stereo. [3, 2, n]"""
    tones = music(4.0, RATE, seed=1)
    t = np.arange(tones.shape[1]) / RATE
    bursts = noise_stems(1, 4.0)[0] * np.exp(-12 * (t % 0.4))
    noise = 0.3 * noise_stems(1, 4.0, seed=7)[0]
    noise[1] *= 0.3
    return np.stack([tones, bursts, noise]).astype(np.float32)


def mean_sdr(stems, kind, profile=STAGE, **settings):
    estimates = OracleMethod(kind, profile, **settings).stems(stems)
    assert estimates.shape == stems.shape
    assert estimates.dtype == np.float32
    return np.mean([sdr_db(s, e, RATE) for s, e in zip(stems, estimates, strict=True)])


def test_they_rank_as_theory_has_it(stems):
    sdr = {kind: mean_sdr(stems, kind) for kind in KINDS}
    assert sdr["mixture"] < min(sdr["ibm"], sdr["irm"])
    assert max(sdr["ibm"], sdr["irm"]) < sdr["psm"], "the best of all real masks"
    assert sdr["mwf"] > sdr["irm"], "it knows where the sources are, too"


def test_of_noises_that_share_every_bin_powers_are_the_best_ratio():
    noises = np.stack([noise_stems(1, 4.0, seed=k)[0] for k in range(2)])
    wiener = mean_sdr(noises, "irm", exponent=2.0)
    assert wiener > mean_sdr(noises, "irm")
    assert wiener > mean_sdr(noises, "ibm")


def test_the_ratio_mask_at_stage_is_the_scale_of_share_closed(stems):
    assert np.allclose(OracleMethod("irm", STAGE).stems(stems), ideal_ratio_stems(stems), atol=1e-6)


def test_doing_nothing_is_the_mixture_over_the_number_of_stems(stems):
    assert np.allclose(OracleMethod("mixture", STAGE).stems(stems), stems.sum(axis=0) / 3)


@pytest.mark.parametrize("kind", ["irm", "mwf"])
@pytest.mark.parametrize("profile", [*PROFILES.values(), Profile("own", 4096, 1024, 256)], ids=str)
def test_stems_sum_to_the_mixture_at_any_window_pair(stems, kind, profile):
    some = stems[..., : 2 * RATE + 17]
    estimates = OracleMethod(kind, profile).stems(some)
    assert np.allclose(estimates.sum(axis=0), some.sum(axis=0), atol=1e-5)


def test_a_long_window_tells_tones_apart_that_a_short_one_cannot():
    t = np.arange(4 * RATE) / RATE
    tones = 0.1 * np.stack([np.sin(2 * np.pi * f * t) for f in (440.0, 452.0)])[:, None]
    short, long = (mean_sdr(tones, "irm", Profile("", n, 256, 128)) for n in (512, 4096))
    assert long > short + 3.0


def test_the_powers_ratio_is_the_square_of_the_magnitudes(stems):
    pair = np.stack([stems[0], 0.5 * stems[0]])  # shares are known: 2/3, and 4/5
    for exponent, share in ((1.0, 2 / 3), (2.0, 4 / 5)):
        first = OracleMethod("irm", STAGE, exponent).stems(pair)[0]
        assert np.allclose(first, share * pair.sum(axis=0), atol=1e-6)


def test_the_binary_mask_takes_all_from_theta_on(stems):
    pair = np.stack([stems[0], 0.5 * stems[0]])
    for theta, takes_all in ((0.3, (True, True)), (0.5, (True, False)), (0.7, (False, False))):
        both = OracleMethod("ibm", STAGE, theta=theta).stems(pair)
        for stem, all_of_it in zip(both, takes_all, strict=True):
            assert np.allclose(stem, pair.sum(axis=0) if all_of_it else 0.0, atol=1e-6)


def test_one_stem_and_silence_are_found_perfectly(stems):
    pair = np.stack([stems[0], 0.0 * stems[0]])
    for kind in ("irm", "ibm", "psm", "mwf"):
        first, second = OracleMethod(kind, STAGE).stems(pair)
        assert sdr_db(pair[0], first, RATE) > 80.0, kind
        assert np.abs(second).max() < 1e-5, kind


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "best"}, "oracle 'best' is unknown"),
        ({"kind": "irm", "exponent": 0.0}, "exponent 0 is outside"),
        ({"kind": "ibm", "theta": 1.0}, "theta 1 is outside"),
    ],
)
def test_out_of_range(settings, message):
    with pytest.raises(ParameterError, match=message):
        OracleMethod(profile=STAGE, **settings)
