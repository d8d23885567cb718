import numpy as np
import pytest

from signals import noise_stems
from streamsep_offline.evaluation.si_sdr import si_sdr_db


@pytest.mark.parametrize("gain", [0.01, 1.0, 30.0, -1.0])
def test_it_is_the_ratio_of_orthogonal_parts_whatever_the_level(gain):
    reference, noise = noise_stems(2, 2.0).astype(np.float64)
    noise -= np.sum(noise * reference) / np.sum(reference**2) * reference
    noise *= np.sqrt(np.sum(reference**2) / np.sum(noise**2)) * 10 ** (-12.5 / 20)
    assert si_sdr_db(reference, gain * (reference + noise)) == pytest.approx(12.5, abs=1e-9)


def test_it_equals_the_cosine_between_the_two():
    reference, other = noise_stems(2, 2.0)
    estimate = 0.7 * reference + 0.3 * other
    cosine = np.corrcoef(reference.ravel(), estimate.ravel())[0, 1]  # noise without a mean
    expected = 10 * np.log10(cosine**2 / (1 - cosine**2))
    assert si_sdr_db(reference, estimate) == pytest.approx(expected, abs=0.01)


def test_its_ends():
    reference, other = noise_stems(2, 1.0)
    assert si_sdr_db(reference, 0.5 * reference) == pytest.approx(100.0)
    assert si_sdr_db(reference, 0.0 * reference) == -100.0
    assert np.isnan(si_sdr_db(0.0 * reference, other))
