import pytest
import torch

from streamsep.errors import ShapeError
from streamsep_offline.losses.heard import Heard


def test_sound_is_aligned_with_the_sound_that_went_in(hear, audio):
    heard = hear(lambda y: 0.5 * y)
    n = heard.reference_audio.shape[-1]
    assert n == 6400 - 64
    torch.testing.assert_close(heard.reference_audio, audio[..., :n], atol=1e-9, rtol=0)
    torch.testing.assert_close(heard.estimate_audio, 0.5 * audio[..., :n], atol=1e-9, rtol=0)
    torch.testing.assert_close(heard.mixture_audio, audio.sum(1)[..., :n], atol=1e-9, rtol=0)


def test_audio_that_is_given_is_cut_to_the_same_samples(hear, audio):
    plain = hear()
    given = Heard(
        plain.mixture, plain.references, plain.references, plain.profile, 8000, audio.sum(1), audio
    )
    assert given.reference_audio.shape == given.estimate_audio.shape
    torch.testing.assert_close(given.reference_audio, plain.reference_audio, atol=1e-9, rtol=0)
    torch.testing.assert_close(given.mixture_audio, plain.mixture_audio, atol=1e-9, rtol=0)


def test_magnitudes_get_the_phase_of_the_mixture(hear):
    heard = hear(lambda y: y.abs())
    assert not heard.has_phase
    torch.testing.assert_close(heard.estimates.abs(), heard.reference_magnitudes)
    product = heard.estimates * heard.mixture[:, None].conj()
    assert float(product.imag.abs().max()) < 1e-9
    assert float(product.real.min()) > -1e-9


def test_what_does_not_belong_together_is_refused(hear):
    heard = hear()
    with pytest.raises(ShapeError, match="do not belong together"):
        Heard(heard.mixture[:, :1], heard.references, heard.references, heard.profile, 8000)
