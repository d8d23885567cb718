import numpy as np
import pytest
import torch

from streamsep.features.cues import Cues
from streamsep.models.cue_lstm import CueLstm
from streamsep.spec import PROFILES, StreamSpec
from streamsep.stft import Analysis
from streamsep_offline.training.cues.compiled_cues import CompiledCues


@pytest.mark.parametrize("profile", ["stage", "instant"])
def test_what_training_sees_is_what_the_reference_says(excerpts, profile):
    spec = StreamSpec(PROFILES[profile], 44100, 2, excerpts.stems)
    mixture = excerpts.songs[0].read_mixture(0, 200 * spec.profile.hop)
    spectrum = Analysis(spec.profile, 2).offline(torch.from_numpy(mixture)[None])[0]
    bins = np.array([0, 1, 7, 40, spec.profile.n_bins - 1])
    features, bands, fine = CompiledCues(spec).offline(spectrum.numpy(), bins)
    with torch.inference_mode():
        expected = Cues(spec).offline(spectrum[None])
    assert np.abs(features - expected.bins[0][:, bins].permute(2, 1, 0).numpy()).max() < 1e-4
    # Bands are logarithms of sums down to 70 dB below the level, where rounding shows.
    assert np.abs(bands - expected.bands[0].permute(2, 1, 0).numpy()).max() < 2e-3
    read = CueLstm(spec, 1, 1, fine=True).read_fine(expected.bins[0].permute(2, 1, 0))
    assert np.abs(fine - read.numpy()).max() < 1e-4
