import numpy as np
import pytest
import torch

from streamsep.spec import PROFILES, STEM_SETS, StreamSpec
from streamsep_offline.training.cues.kept_bins import KEPT_BINS, N_LOW, bin_weights, draw_bins


@pytest.mark.parametrize("sample_rate", [44100, 48000])
@pytest.mark.parametrize("profile", PROFILES)
def test_kept_bins_stand_for_all(profile, sample_rate):
    spec = StreamSpec(PROFILES[profile], sample_rate, 2, STEM_SETS["4stems"])
    rng, n_bins = np.random.default_rng(1), spec.profile.n_bins
    drawn = np.stack([draw_bins(rng, spec) for _ in range(400)])
    assert drawn.shape[1] == sum(KEPT_BINS)
    assert all(np.array_equal(bins, np.unique(bins)) for bins in drawn), "sorted, each once"
    np.testing.assert_array_equal(drawn[:, :N_LOW], np.tile(np.arange(N_LOW), (400, 1)))
    weights = bin_weights(torch.from_numpy(drawn), spec).numpy()
    np.testing.assert_allclose(weights.sum(axis=1), n_bins, rtol=1e-5)
    # The sum of any spectrum over the kept bins is, on average, that over all of them.
    power = 1.0 / (1.0 + np.arange(n_bins) / 20.0)
    assert (weights * power[drawn]).sum(axis=1).mean() == pytest.approx(power.sum(), rel=0.02)
    assert weights[:, N_LOW:].max() < n_bins / 20
