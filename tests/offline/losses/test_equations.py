"""Every equation against the same in numpy, written from its source."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from streamsep_offline.losses.make import make_loss


def numbers(heard):
    """Estimates, references as numpy arrays."""
    return heard.estimates.numpy(), heard.references.numpy()


def raised(heard):
    z, y = numbers(heard)
    level = np.sqrt((np.abs(heard.mixture.numpy()) ** 2).mean(axis=(1, 2, 3), keepdims=True))
    return np.abs(z) + 1e-4 * level[:, None], np.abs(y) + 1e-4 * level[:, None]


def sounds(heard):
    return heard.estimate_audio.numpy(), heard.reference_audio.numpy()


def test_magnitude_mse_is_open_unmix_loss(hear, blurred):
    heard = hear(blurred)
    z, y = heard.estimates.abs(), heard.references.abs()
    assert float(make_loss({"kind": "magnitude_mse"})(heard)) == pytest.approx(
        float(F.mse_loss(z, y))
    )


@pytest.mark.parametrize("alpha", [0.3, 0.5, 2.0])
def test_magnitudes_to_a_power(alpha, hear, blurred):
    heard = hear(blurred)
    v, y = raised(heard)
    wanted = ((v**alpha - y**alpha) ** 2).mean()
    loss = make_loss({"kind": "magnitude_mse", "alpha": alpha})
    assert float(loss(heard)) == pytest.approx(wanted)


def test_absolute_magnitudes(hear, blurred):
    heard = hear(blurred)
    z, y = numbers(heard)
    wanted = np.abs(np.abs(z) - np.abs(y)).mean()
    assert float(make_loss({"kind": "magnitude_l1"})(heard)) == pytest.approx(wanted)


def test_kullback_leibler(hear, blurred):
    heard = hear(blurred)
    v, y = raised(heard)
    wanted = (y * np.log(y / v) - y + v).mean()
    assert float(make_loss({"kind": "kl"})(heard)) == pytest.approx(wanted)


def test_itakura_saito(hear, blurred):
    heard = hear(blurred)
    v, y = raised(heard)
    wanted = (y**2 / v**2 - np.log(y**2 / v**2) - 1).mean()
    assert float(make_loss({"kind": "itakura_saito"})(heard)) == pytest.approx(wanted)


def test_cauchy_is_a_likelihood_less_its_best(hear, blurred):
    heard = hear(blurred)
    v, y = raised(heard)

    def cost(scale):
        return 1.5 * np.log(y**2 + scale**2) - np.log(scale)

    wanted = (cost(v / np.sqrt(2)) - cost(y / np.sqrt(2))).mean()
    assert float(make_loss({"kind": "cauchy"})(heard)) == pytest.approx(wanted)


def test_complex_distances(hear, blurred):
    heard = hear(blurred)
    z, y = numbers(heard)
    assert float(make_loss({"kind": "complex_l1"})(heard)) == pytest.approx(np.abs(z - y).mean())
    assert float(make_loss({"kind": "complex_l2"})(heard)) == pytest.approx(
        (np.abs(z - y) ** 2).mean()
    )


def test_waveform_distances(hear, blurred):
    heard = hear(blurred)
    z, y = sounds(heard)
    assert float(make_loss({"kind": "waveform_l1"})(heard)) == pytest.approx(np.abs(z - y).mean())
    assert float(make_loss({"kind": "waveform_l2"})(heard)) == pytest.approx(((z - y) ** 2).mean())


def test_sdr_by_hand(hear, blurred):
    heard = hear(blurred)
    z, y = (x.reshape(2, 2, -1) for x in sounds(heard))
    wanted = -10 * np.log10((y**2).sum(-1) / ((z - y) ** 2).sum(-1)).mean()
    loss = make_loss({"kind": "sdr", "floor_db": -100})
    assert float(loss(heard)) == pytest.approx(wanted, abs=1e-6)


def test_si_sdr_by_projection(hear, blurred):
    """The angle between estimate and truth: SI-SDR = 20 lg cot(angle)."""
    heard = hear(blurred)
    z, y = (x.reshape(2, 2, -1) for x in sounds(heard))
    cosine = (z * y).sum(-1) / np.sqrt((z**2).sum(-1) * (y**2).sum(-1))
    wanted = -20 * np.log10(cosine / np.sqrt(1 - cosine**2)).mean()
    loss = make_loss({"kind": "si_sdr", "floor_db": -100})
    assert float(loss(heard)) == pytest.approx(wanted, abs=1e-6)
    louder = float(loss(hear(lambda y: 3.0 * blurred(y))))
    assert louder == pytest.approx(wanted, abs=0.3)  # other turns of phase, the same angle nearly


def test_a_floor_bounds_praise_and_blame(hear):
    for kind in ("sdr", "si_sdr"):
        loss = make_loss({"kind": kind, "floor_db": -30})
        assert -31 < float(loss(hear())) < -20
        assert float(loss(hear(lambda y: 0.0 * y))) == pytest.approx(0.0, abs=1e-9)


def test_multi_resolution_by_plain_loops(hear, blurred):
    heard = hear(blurred)
    z, y = sounds(heard)
    mixture = heard.mixture_audio.numpy()
    total = []
    for n in (128, 256):
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
        starts = range(0, z.shape[-1] - n + 1, n // 4)
        for b in range(2):
            floor = 1e-4 * np.sqrt((mixture[b] ** 2).mean()) * np.sqrt((window**2).sum())
            for j in range(2):
                v, r = (
                    np.array([np.abs(np.fft.rfft(x[b, j, :, s : s + n] * window)) for s in starts])
                    for x in (z, y)
                )
                error = np.sqrt(((v - r) ** 2).sum() + floor**2)
                total.append(
                    error / max(np.sqrt((r**2).sum()), 1000 * floor * np.sqrt(r.size))
                    + np.abs(np.log((r + floor) / (v + floor))).mean()
                )
    loss = make_loss({"kind": "multi_resolution", "n_fft": [128, 256]})
    assert float(loss(heard)) == pytest.approx(np.mean(total), rel=1e-6)


def test_complex_l2_is_the_waveform_error_of_its_windows(hear):
    """Twice the estimate's error is four times the squared and twice the absolute distance."""
    for kind, factor in (
        ("complex_l1", 2),
        ("complex_l2", 4),
        ("waveform_l1", 2),
        ("waveform_l2", 4),
    ):
        loss = make_loss({"kind": kind})
        once, twice = (float(loss(hear(lambda y, g=g: y * (1 + g)))) for g in (0.1, 0.2))
        assert twice == pytest.approx(factor * once)


def test_torch_alone_decides_nothing():
    """Reference values by hand, one number each: Y = 2, v = 1."""
    from streamsep_offline.losses.divergences import cauchy, itakura_saito, kullback_leibler

    v, y = torch.tensor(1.0, dtype=torch.float64), torch.tensor(2.0, dtype=torch.float64)
    assert float(kullback_leibler(v, y)) == pytest.approx(2 * np.log(2) - 1)
    assert float(itakura_saito(v, y)) == pytest.approx(3 - np.log(4))
    assert float(cauchy(v, y)) == pytest.approx(1.5 * np.log(4.5 / 6) + np.log(2))
