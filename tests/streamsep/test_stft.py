import numpy as np
import pytest
import torch

from contract import verify_stage
from signals import music
from streamsep.errors import ShapeError
from streamsep.spec import PROFILES
from streamsep.stft import Analysis, Synthesis


def _audio(profile, channels, dtype=torch.float32):
    n = 24 * profile.hop
    return torch.from_numpy(music(1 + n / 44100, channels=channels)[None, :, :n].copy()).to(dtype)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_analysis_keeps_the_contract(profile, channels):
    stage = Analysis(profile, channels)
    verify_stage(stage, lambda: stage.init_state(1), _audio(profile, channels), unit=profile.hop)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_synthesis_keeps_the_contract(profile):
    x = Analysis(profile, 2).offline(_audio(profile, 2))
    stage = Synthesis(profile)
    verify_stage(stage, lambda: stage.init_state(1, 2), x)


@pytest.mark.parametrize(("dtype", "floor_db"), [(torch.float32, -120), (torch.float64, -280)])
@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_reconstruction_is_exact_and_late_by_the_declared_latency(profile, dtype, floor_db):
    x = _audio(profile, 2, dtype)
    synthesis = Synthesis(profile, dtype)
    y = synthesis.offline(Analysis(profile, 2, dtype).offline(x))
    late = synthesis.latency_samples
    error = y[..., late:] - x[..., : x.shape[-1] - late]
    level_db = 10 * torch.log10(error.square().mean() / x.square().mean())
    assert float(level_db) < floor_db


def test_frame_is_the_windowed_transform_of_the_newest_samples():
    profile = PROFILES["tight"]
    x = _audio(profile, 1)
    spectrum = Analysis(profile, 1).offline(x)
    t = 15
    end = (t + 1) * profile.hop
    frame = x[0, 0, end - profile.n_fft : end].numpy() * Analysis(profile, 1).window.numpy()
    assert np.allclose(spectrum[0, 0, :, t].numpy(), np.fft.rfft(frame), atol=1e-4)


def test_partial_hop_is_refused():
    with pytest.raises(ShapeError, match="whole number of hops"):
        Analysis(PROFILES["stage"], 2).offline(torch.zeros(1, 2, 100))
