import numpy as np
import pytest

from streamsep.spec import PROFILES, Profile
from streamsep.windows import window_pair


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_product_overlaps_to_one(profile):
    analysis, synthesis = window_pair(profile)
    product = analysis[-profile.synthesis_length :] * synthesis
    overlapped = product.reshape(-1, profile.hop).sum(axis=0)
    assert np.abs(overlapped - 1).max() < 1e-12


def test_equal_lengths_give_root_hann():
    analysis, synthesis = window_pair(Profile("x", 512, 512, 256))
    root = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512))
    assert np.allclose(analysis, root, atol=1e-12)
    assert np.allclose(synthesis, root, atol=1e-8)


def test_long_window_leans_towards_the_present():
    analysis, _ = window_pair(PROFILES["instant"])
    centre = (np.arange(2048) * analysis).sum() / analysis.sum()
    assert centre > 1024
