"""What all losses promise, whatever their equation."""

import numpy as np
import pytest
import torch

from streamsep.errors import ParameterError
from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.loss import active_frames
from streamsep_offline.losses.make import KINDS, make_loss

ELEMENTWISE = [k for k in KINDS if k not in ("sdr", "si_sdr", "multi_resolution", "level_aligned")]
AUDIO = [k for k in KINDS if k.startswith("waveform")]


def loss_of(kind, **keys):
    if kind == "multi_resolution":
        keys = {"n_fft": [128, 256], **keys}
    if kind == "level_aligned":
        keys = {"piece_s": 0.1, **keys}
    return make_loss({"kind": kind, **keys})


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_best_and_every_way_off_is_worse(kind, hear, blurred):
    loss, rng = loss_of(kind), np.random.default_rng(2)
    best = float(loss(hear()))
    assert float(loss(hear(blurred))) > best
    for _ in range(3):
        off = torch.from_numpy(rng.standard_normal(hear().references.shape))
        for step in (1e-2, 1e-1):
            assert float(loss(hear(lambda y, d=step * off: y * (1 + d)))) > best


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_elementwise_losses_of_the_truth_are_0(kind, hear):
    assert float(loss_of(kind)(hear())) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_level_enters_by_the_degree_and_not_otherwise(kind, hear, blurred):
    loss = loss_of(kind)
    heard = hear(blurred)
    loud = Heard(
        heard.mixture * 50, heard.references * 50, heard.estimates * 50, heard.profile, 8000
    )
    plain = float(loss(heard))
    assert float(loss(loud)) == pytest.approx(plain * 50**loss.degree, rel=1e-4)
    if kind in ELEMENTWISE:
        relative = loss_of(kind, relative=True)
        assert float(relative(loud)) == pytest.approx(float(relative(heard)), rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("silent", ["stem", "mixture", "estimate", "all", "nothing"])
@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_gradients_are_finite_at_silence_and_zeros(kind, silent, dtype, hear, audio):
    stems = audio.clone()
    if silent == "stem":
        stems[:, 0] = 0.0
    if silent in ("mixture", "all"):
        stems[:] = 0.0
    heard = hear(stems=stems)
    estimates = torch.zeros_like(heard.references)
    if silent in ("stem", "mixture", "nothing"):
        estimates = 0.1 * hear().references.flip(1)
    estimates = estimates.to(dtype).requires_grad_()
    loss = loss_of(kind)(
        Heard(heard.mixture.to(dtype), heard.references.to(dtype), estimates, heard.profile, 8000)
    )
    loss.backward()
    assert torch.isfinite(loss)
    assert bool(torch.isfinite(torch.view_as_real(estimates.grad)).all())


@pytest.mark.parametrize("kind", [k for k in KINDS if k.startswith(("magnitude", "k", "i", "ca"))])
def test_networks_that_give_magnitudes_only_learn_from_losses_of_magnitudes(kind, hear):
    heard = hear(lambda y: (0.5 * y.abs()).requires_grad_())
    loss = loss_of(kind)(heard)
    turned = float(loss_of(kind)(hear(lambda y: 0.5j * y)))
    assert float(loss.detach()) == pytest.approx(turned)
    loss.backward()


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "level_aligned"])
def test_only_what_sounds_counts_where_asked(kind, hear, audio):
    """A stem that is silent throughout, estimated loudly: costs by default, costs nothing if masked."""
    stems = audio.clone()
    stems[:, 1] = 0.0
    loss, masked = loss_of(kind), loss_of(kind, active_only=True)
    leaky = lambda y: torch.stack([y[:, 0], 0.1 * y[:, 0]], 1)  # noqa: E731
    assert float(loss(hear(leaky, stems=stems))) > float(loss(hear(stems=stems))) + 1e-6
    best = float(masked(hear(stems=stems)))
    assert float(masked(hear(leaky, stems=stems))) == pytest.approx(best, abs=1e-6)
    silent = masked(hear(leaky, stems=0.0 * stems))
    assert float(silent) == 0.0


def test_frames_are_active_where_the_stem_sounds(hear, audio):
    stems = audio.clone()
    stems[0, 1, :, 3200:] = 0.0
    active = active_frames(hear(stems=stems), -60.0)
    assert active[0, 1, :50].all()
    assert not active[0, 1, 54:].any()
    assert active[1].all()


@pytest.mark.parametrize("kind", KINDS)
def test_keys_out_of_range_are_refused(kind):
    key = "piece_s" if kind == "level_aligned" else "active_db"
    with pytest.raises(ParameterError, match=f"{key}=99"):
        loss_of(kind, **{key: 99})


@pytest.mark.parametrize("kind", AUDIO)
def test_masked_waveform_losses_look_at_pieces_of_samples(kind, hear, audio):
    stems = audio.clone()
    stems[:, 0, :, 4096:] = 0.0

    def leaky(y):
        y = y.clone()
        y[:, 0, :, :, 70:] = 0.5 * y[:, 1, :, :, 70:]
        return y

    masked = loss_of(kind, active_only=True)(hear(leaky, stems=stems))
    assert float(masked) == pytest.approx(0.0, abs=1e-9)
