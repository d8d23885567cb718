"""The estimator keeps the pipeline's promises: shapes, finite, local, and forgetful within its context."""

import numpy as np
import pytest
import torch

from streamsep.errors import CheckpointError, ParameterError, ShapeError
from streamsep.models.open_unmix import OpenUnmix
from streamsep_offline.separation.estimator import Estimator
from streamsep_offline.umx.estimator import CONTEXT_FRAMES, load_umx, umx_targets


def spectra(batch=1, channels=2, bins=33, frames=50, seed=0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, channels, bins, frames, dtype=torch.complex64, generator=generator)


@pytest.fixture
def stereo(tmp_path, make_network, write_folder):
    networks = {t: make_network(seed=i) for i, t in enumerate(("drums", "vocals"))}
    return write_folder(tmp_path / "stereo", networks)


@pytest.fixture
def mono(tmp_path, make_network, write_folder):
    networks = {t: make_network(channels=1, seed=i) for i, t in enumerate(("noise", "speech"))}
    return write_folder(tmp_path / "mono", networks)


def test_it_is_an_estimator_and_says_what_it_is(stereo):
    estimator = load_umx(stereo, ["vocals"])
    assert isinstance(estimator, Estimator)
    assert estimator.name == "stereo"
    assert (estimator.targets, estimator.available) == (("vocals",), ("vocals", "drums"))
    assert (estimator.n_fft, estimator.hop, estimator.sample_rate) == (64, 16, 44100)
    assert (estimator.channels, estimator.device, estimator.licence) == (2, "cpu", None)
    assert umx_targets(stereo) == ("vocals", "drums")


def test_magnitudes_of_every_target_are_those_of_its_network(stereo, make_network):
    x = spectra(batch=2)
    kept = x.clone()
    y = load_umx(stereo).magnitudes(x)
    assert y.shape == (2, 2, 2, 33, 50)
    assert y.dtype == torch.float32
    for index, seed in enumerate((1, 0)):  # vocals come first
        with torch.inference_mode():
            expected = make_network(seed=seed).offline(x.abs())
        assert torch.allclose(y[:, index], expected, rtol=1e-5, atol=1e-5)
    assert torch.equal(x, kept)


def test_a_mono_model_hears_the_mean_magnitude_as_the_peer_does(openunmix, mono, make_network):
    x = spectra()
    y = load_umx(mono).magnitudes(x)
    assert y.shape == (1, 2, 1, 33, 50)
    norm = openunmix.model.ComplexNorm(mono=True)
    with torch.inference_mode():
        expected = make_network(channels=1, seed=1).offline(norm(torch.view_as_real(x)))
    assert torch.allclose(y[:, 0], expected, rtol=1e-5, atol=1e-5)
    # Opposite channels are as loud as equal ones: magnitudes are averaged, not the channels.
    inverted = x[:, :1].repeat(1, 2, 1, 1) * torch.tensor([1.0, -1.0]).view(1, 2, 1, 1)
    alone = load_umx(mono).magnitudes(x[:, :1])
    assert torch.allclose(load_umx(mono).magnitudes(inverted), alone, rtol=1e-5, atol=1e-6)


def test_the_layout_in_memory_does_not_matter(stereo):
    estimator, x = load_umx(stereo), spectra(frames=300)
    bins_together = x.transpose(2, 3).contiguous().transpose(2, 3)
    assert torch.equal(estimator.magnitudes(x), estimator.magnitudes(bins_together))


def test_runs_repeat_bit_by_bit(stereo):
    x = spectra(frames=900)
    assert torch.equal(load_umx(stereo).magnitudes(x), load_umx(stereo).magnitudes(x))


def test_silence_stays_silent_and_one_bad_bin_stays_local(stereo):
    estimator = load_umx(stereo)
    assert not estimator.magnitudes(torch.zeros(1, 2, 33, 20, dtype=torch.complex64)).any()
    x = spectra()
    x[0, 1, 4, 25] = complex(np.nan, 1.0)
    x[0, 0, 9, 30] = complex(np.inf, 1.0)
    y = estimator.magnitudes(x)
    assert torch.isfinite(y).all()
    assert (y >= 0.0).all()
    assert not y[0, :, 1, 4, 25].any()
    assert not y[0, :, 0, 9, 30].any()


def test_no_frames_are_no_error(stereo):
    assert load_umx(stereo).magnitudes(spectra(frames=0)).shape == (1, 2, 2, 33, 0)


@pytest.mark.parametrize("shape", [(1, 1, 33, 5), (1, 3, 33, 5), (1, 2, 32, 5)], ids=str)
def test_shapes_that_do_not_fit_are_named(stereo, shape):
    with pytest.raises(ShapeError, match=r"expected \[batch, 2, 33, frames\] for stereo"):
        load_umx(stereo).magnitudes(torch.zeros(shape, dtype=torch.complex64))


def test_sets_that_are_not_here_are_named(stereo, tmp_path, monkeypatch):
    with pytest.raises(CheckpointError, match="run 'streamsep models get umxhq'"):
        load_umx("umxhq")
    with pytest.raises(CheckpointError, match=r"no folder umxhd; .* one of: umxhq, umx"):
        load_umx("umxhd")
    with pytest.raises(ParameterError, match="has no target bass; there are: vocals, drums"):
        load_umx(stereo, ["bass"])
    # A folder of a set's name is meant when it is written as a path.
    stereo.rename(tmp_path / "umxhq")
    monkeypatch.chdir(tmp_path)
    assert load_umx("./umxhq").name == "umxhq"
    with pytest.raises(CheckpointError, match="models get umxhq"):
        load_umx("umxhq")


def music(frames: int) -> torch.Tensor:
    """Magnitudes that come and go: notes of random bins, lengths and levels."""
    rng = np.random.default_rng(1)
    x = 0.02 * rng.random((2, 33, frames))
    for _ in range(frames):
        begin, length = rng.integers(frames), rng.integers(5, 80)
        note = rng.exponential() * np.exp(-np.arange(length) / (0.3 * length))
        x[:, rng.integers(33), begin : begin + length] += note[: frames - begin]
    return torch.from_numpy(x.astype(np.float32)).to(torch.complex64)[None]


def heard(x: torch.Tensor, forget_bias: float) -> OpenUnmix:
    """A network whose statistics are those of this music, so that its LSTM matters as in a trained one."""
    torch.manual_seed(0)
    magnitude = x.abs()
    mean, deviation = magnitude.mean((0, 1, 3))[:20], magnitude.std((0, 1, 3))[:20]
    network = OpenUnmix(33, 2, 32, 3, False, mean, deviation, max_bin=20)
    size = network.lstm.hidden_size
    network.lstm.dropout = 0.0
    for norm in (network.bn1, network.bn2, network.bn3):
        norm.momentum = None  # the mean over all that is heard
    with torch.no_grad():
        for name, parameter in network.lstm.named_parameters():
            if name.startswith("bias_ih"):
                parameter[size : 2 * size] += forget_bias
        network(magnitude)
    return network.eval()


@pytest.mark.parametrize(
    ("forget_bias", "too_short"), [(0.0, 0), (2.25, 128)], ids=["as initialised", "long memory"]
)
def test_within_its_context_a_block_is_the_whole_song_to_minus_60_db(
    tmp_path, write_folder, forget_bias, too_short
):
    x, core = music(2000), 200
    estimator = load_umx(write_folder(tmp_path, {"vocals": heard(x, forget_bias)}))
    whole = estimator.magnitudes(x)

    def error_db(context: int) -> float:
        """Energy of the errors of all blocks inside the song over that of their cores."""
        error = energy = 0.0
        for start in range(400, 1400, core):
            seen = x[..., start - context : start + core + context]
            block = estimator.magnitudes(seen)[..., context : context + core]
            expected = whole[..., start : start + core]
            error += float((block - expected).square().sum())
            energy += float(expected.square().sum())
        return 10.0 * np.log10(error / energy + 1e-20)

    assert error_db(CONTEXT_FRAMES) < -60.0
    assert error_db(too_short) > -60.0  # or the test would prove nothing
