import numpy as np
import pytest

from signals import music
from streamsep.overlap_add import change_spectra, each_spectra
from streamsep.spec import PROFILES, Profile

PAIRS = [*PROFILES.values(), Profile("more overlap", 1024, 512, 128)]


@pytest.mark.parametrize("profile", PAIRS, ids=lambda p: p.name)
@pytest.mark.parametrize("n", [1, 1000, 30_000])
def test_unchanged_spectra_give_the_samples_back(profile, n):
    audio = music(1.0)[:, :n]
    back = change_spectra(audio, profile, lambda spectra: spectra)
    assert (back.shape, back.dtype) == (audio.shape, np.float32)
    assert np.allclose(back, audio, atol=1e-6)


def test_a_change_may_add_axes_and_sees_every_frame_once():
    audio, seen = music(8.0), []

    def change(spectra):
        seen.append(spectra.shape[-2])
        return np.stack([spectra, -2.0 * spectra, 0.0 * spectra])

    stems = change_spectra(audio, PROFILES["stage"], change)
    assert np.allclose(stems, np.stack([audio, -2.0 * audio, 0.0 * audio]), atol=1e-5)
    assert len(seen) > 1
    assert seen == [s.shape[-2] for s in each_spectra(audio, PROFILES["stage"])]


def test_frames_are_those_of_the_reference_in_torch():
    torch = pytest.importorskip("torch")
    from streamsep.stft import Analysis

    profile, audio = PROFILES["tight"], music(1.0)[:, : 100 * 256]
    ours = np.concatenate(list(each_spectra(audio, profile)), axis=-2).swapaxes(-1, -2)
    reference = Analysis(profile, 2).offline(torch.from_numpy(audio)[None])[0].numpy()
    assert np.allclose(ours[..., :100], reference, atol=1e-3)
