import sys
import types

import numpy as np
import pytest
import torch

from streamsep import Separator
from streamsep.errors import ParameterError
from streamsep.model import load_model
from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.losses.make import make_loss
from streamsep_offline.separation.stft import Stft
from streamsep_offline.training.tasks.open_unmix import OpenUnmixDesign, OpenUnmixTask
from streamsep_offline.umx.folder import read_folder

STEMS = ("vocals", "drums", "bass", "other")
CAUSAL = OpenUnmixDesign("open_unmix", hidden_size=8, layers=2)
UMX = OpenUnmixDesign("open_unmix", "studio", True, 8, learns="magnitudes")


def _task(design, loss="complex_l1"):
    spec = StreamSpec(PROFILES[design.profile], 44100, 2, STEMS)
    return OpenUnmixTask(design, spec, make_loss({"kind": loss}), seed=1)


@pytest.fixture(scope="module")
def batch(excerpts):
    examples = [excerpts.read(0, i) for i in range(2)]
    return tuple(torch.from_numpy(np.stack(x)) for x in zip(*examples, strict=True))


@pytest.mark.parametrize("learns", ["masks", "magnitudes"])
def test_pieces_with_a_carried_state_see_what_the_whole_sees(batch, learns):
    mask = "softmax" if learns == "masks" else "ratio"
    task = _task(OpenUnmixDesign("open_unmix", hidden_size=8, layers=2, learns=learns, mask=mask))
    task.eval()
    ((mixture, _),) = task.pieces(batch, 1)
    with torch.inference_mode():
        whole, _ = task._estimate(mixture, None)
        state, parts = None, []
        for piece, _ in task.pieces(batch, 3):
            estimate, state = task._estimate(piece, state)
            parts.append(estimate)
    assert torch.allclose(torch.cat(parts, -1), whole, atol=1e-5)


def test_no_gradient_flows_from_one_piece_into_the_one_before(batch):
    task = _task(CAUSAL)
    first, second = task.pieces(batch, 2)
    _, state = task(first, None)
    assert all(not x.requires_grad for one in state for x in one)
    loss, _ = task(second, state)
    loss.backward()
    assert float(task.networks["vocals"].fc1.weight.grad.norm()) > 0.0


def test_masks_of_a_causal_network_sum_to_one(batch):
    task = _task(CAUSAL).eval()
    ((mixture, _),) = task.pieces(batch, 1)
    with torch.inference_mode():
        estimates, _ = task._estimate(mixture, None)
    assert torch.allclose(estimates.sum(dim=1), mixture, atol=1e-4)


@pytest.mark.parametrize("design", [CAUSAL, UMX], ids=["causal", "bidirectional"])
def test_the_input_is_normalised_per_bin(excerpts, design):
    task = _task(design)
    mixtures = [excerpts.read(0, i).mixture for i in range(4)]
    task.measure_input(mixtures)
    network = task.networks["drums"]
    seen = []
    for mixture in mixtures:
        whole = (
            mixture.shape[-1] // 1024 * 1024 if design is UMX else mixture.shape[-1] // 512 * 512
        )
        audio = torch.from_numpy(mixture[None, :, :whole])
        seen.append(task._analysis(audio).abs().mean(dim=(0, 1)))
    magnitude = torch.cat(seen, -1)[: network.nb_bins]
    normal = (magnitude + network.input_mean[:, None]) * network.input_scale[:, None]
    normal = normal.detach()
    loud = magnitude.std(dim=-1) > 1e-3 * float(magnitude.std(dim=-1).max())
    assert float(normal.mean(dim=-1)[loud].abs().max()) < 1e-2
    assert torch.allclose(normal.std(dim=-1, correction=0)[loud], torch.ones(()), atol=1e-2)


def test_a_bidirectional_network_has_the_originals_transform(batch):
    task = _task(UMX)
    expected = Stft(4096, 1024).spectra(batch[0][..., : 22050 // 1024 * 1024])
    ((mixture, references),) = task.pieces(batch, 1)
    assert torch.allclose(mixture, expected)
    assert references.shape[:3] == (2, 4, 2)


def test_a_causal_network_streams_what_it_was_trained_to_say(batch, tmp_path):
    task = _task(CAUSAL).eval()
    task.export(tmp_path / "model", {"name": "mine", "licence": "CC0-1.0"})
    model = load_model(tmp_path / "model")
    assert model.card["licence"] == "CC0-1.0"
    mixture = batch[0][:1, :, : 22050 // 512 * 512]
    with torch.inference_mode():
        estimates, _ = task._estimate(task._analysis(mixture), None)
    from streamsep.stft import Synthesis

    expected = Synthesis(task.spec.profile).offline(estimates)[0].numpy()
    for engine in ("torch", "compiled"):
        separator = Separator(model, engine=engine, block_size=512)
        blocks = np.split(mixture[0].numpy(), mixture.shape[-1] // 512, axis=-1)
        stems = np.concatenate([separator.process(block) for block in blocks], axis=-1)
        # What sounds before the first sample is not handed out.
        assert np.abs(stems - expected)[..., 512:].max() < 1e-5


def test_a_bidirectional_network_is_a_folder_that_open_unmix_loads(tmp_path, monkeypatch):
    task = _task(UMX).eval()
    task.export(tmp_path / "mine", {"name": "mine"})
    ours = read_folder(tmp_path / "mine")
    assert ours.available == STEMS
    magnitude = torch.rand(1, 2, 2049, 12)
    monkeypatch.setitem(sys.modules, "torchaudio", types.ModuleType("torchaudio"))
    utils = pytest.importorskip("openunmix.utils")
    theirs = utils.load_target_models(STEMS, str(tmp_path / "mine"), device="cpu", pretrained=True)
    with torch.inference_mode():
        for name in STEMS:
            expected = task.networks[name](magnitude)
            assert torch.allclose(ours.networks[name](magnitude), expected, atol=1e-6)
            assert torch.allclose(theirs[name].eval()(magnitude), expected, atol=1e-6)


def test_only_magnitudes_can_be_learned_from_both_sides():
    with pytest.raises(ParameterError, match=r"model\.learns"):
        OpenUnmixDesign("open_unmix", "studio", bidirectional=True)


def test_magnitudes_do_not_become_masks_by_softmax():
    with pytest.raises(ParameterError, match='write "ratio"'):
        OpenUnmixDesign("open_unmix", learns="magnitudes")
    with pytest.raises(ParameterError, match="did you mean 'softmax'"):
        OpenUnmixDesign("open_unmix", mask="softmx")
