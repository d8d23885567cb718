import dataclasses

import numpy as np
import pytest
import torch

from signals import music
from streamsep.errors import CheckpointError, ParameterError
from streamsep.features.cues import Cues
from streamsep.model import load_model, save_model
from streamsep.models.cue_bilstm import CueBilstm, from_model, geometric_mean, to_model
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec
from streamsep.stft import Analysis
from streamsep.windows import window_pair

SPEC = StreamSpec(PROFILES["studio"], 44100, 2, STEM_SETS["4stems"])


def _trained(local=None):
    """All weights at work, as after training, experts that differ; without `local`, the fine grid."""
    torch.manual_seed(0)
    module = CueBilstm(SPEC, n_input=16, n_hidden=12, local=local, fine=local is None).eval()
    with torch.no_grad():
        for name, weight in module.named_parameters():
            if name.endswith(("bias", "slopes", "output.weight")) and "lstm" not in name:
                weight += 0.3 * torch.randn_like(weight)
    return module


def _both_songs(seconds=1.5):
    """Spectra of a song and of the same song really played backwards, frames in the order heard."""
    hop, n_fft = SPEC.profile.hop, SPEC.profile.n_fft
    audio = np.array(music(seconds), np.float64)
    n = audio.shape[1] // hop * hop
    song = np.zeros((2, n + n_fft - hop))
    song[:, :n] = audio[:, :n]
    # Sample m of the song is sample n - m of the other one, so that both share the grid of hops.
    backwards = np.zeros_like(song)
    backwards[:, 1 : n + 1] = song[:, :n][:, ::-1]
    analysis = Analysis(SPEC.profile, 2, torch.float64)
    return (analysis.offline(torch.from_numpy(x[None])) for x in (song, backwards))


def test_frames_of_the_song_backwards_are_its_frames_in_reverse_order():
    window = window_pair(SPEC.profile)[0]
    assert window[0] == 0.0
    assert np.allclose(window[1:], window[1:][::-1], atol=1e-12)
    song, backwards = _both_songs()
    assert float(song.abs().max()) > 1.0
    assert float((backwards - song.flip(-1).conj()).abs().max()) < 1e-9


def test_features_of_reversed_frames_are_those_of_the_song_played_backwards():
    song, backwards = (x.to(torch.complex64) for x in _both_songs())
    cues = Cues(SPEC)
    with torch.inference_mode():
        ours, theirs = cues.offline(song.flip(-1)), cues.offline(backwards)
        forwards = cues.offline(song)
    assert torch.equal(ours.counts, theirs.counts)
    # Rounding shows where there is next to nothing in a bin: in few of them, and little.
    difference = (ours.bins - theirs.bins).abs()
    assert float(difference.mean()) < 1e-4
    assert float((ours.bands - theirs.bands).abs().mean()) < 1e-4
    assert float((ours.bins - forwards.bins.flip(-1)).abs().mean()) > 0.1, "they hear other things"


def test_masks_are_the_normalised_product_of_what_the_experts_say():
    module, (song, _) = _trained(), _both_songs(0.6)
    song = song.to(torch.complex64)
    with torch.inference_mode():
        masks = module.offline(song)
        past = module.forwards.offline(song)
        future = module.backwards.offline(song.flip(-1)).flip(-1)
        expected = torch.softmax(0.5 * (past.log() + future.log()), 1)
    assert masks.shape == (1, 4, 2, 2049, song.shape[-1])
    assert float((masks.sum(1) - 1).abs().max()) < 1e-5
    assert float((masks - expected).abs().max()) < 1e-5
    assert float((past - future).abs().max()) > 0.1


def test_two_experts_that_agree_say_what_each_says():
    masks = torch.softmax(5 * torch.randn(2, 4, 7), 1)
    assert torch.allclose(geometric_mean(masks, masks), masks, atol=1e-6)


def test_masks_too_small_for_their_product_are_finite():
    a = torch.tensor([[1.0, 1e-30, 1e-30]])
    mean = geometric_mean(a, a.flip(1))
    assert float((mean - torch.tensor([[0.5, 0.0, 0.5]])).abs().max()) < 1e-6


def test_a_new_model_starts_no_surer_than_the_separator_without_weights():
    (song, _) = _both_songs(0.6)
    module = CueBilstm(SPEC, 8, 8).eval()
    song = song.to(torch.complex64)
    with torch.inference_mode():
        masks, one = module.offline(song), module.forwards.offline(song)
    assert float(masks.amax(1).mean()) < float(one.amax(1).mean()) + 0.02


@pytest.mark.parametrize("local", [None, (10, 6)])
def test_training_path_equals_whole_songs(local):
    module, (song, _) = _trained(local), _both_songs(0.6)
    # Without the frames of silence behind the end, which leave no trace: training knows none.
    song = song.to(torch.complex64)[..., :-3]
    with torch.inference_mode():
        heard = []
        for spectrum in (song, song.flip(-1)):
            frames = module.forwards.cues.offline(spectrum)
            heard.append([x.permute(0, 3, 2, 1) for x in (frames.bins, frames.bands)])
        bins = torch.arange(SPEC.profile.n_bins)[None]
        fine = [None if local else module.forwards.read_fine(features) for features, _ in heard]
        logits = module.logits(*heard[0], bins, *heard[1], *fine)
        masks = torch.softmax(logits, -1).permute(0, 3, 2, 1)
        whole = module.offline(song)
    assert float((masks - whole[:, :, 0]).abs().max()) < 1e-5


@pytest.mark.parametrize("local", [None, (10, 6)])
def test_export_round_trip(tmp_path, local):
    module, (song, _) = _trained(local), _both_songs(0.3)
    song = song.to(torch.complex64)
    save_model(to_model(module, {"licence": "MIT"}), tmp_path)
    model = load_model(tmp_path)
    assert model.kind == "cue_bilstm"
    assert model.is_offline
    assert model.n_weights == sum(w.numel() for w in module.parameters()) - 2 * 4 * 12
    with torch.inference_mode():
        a, b = module.offline(song), from_model(model, SPEC).offline(song)
    assert float((a - b).abs().max()) < 1e-6


def test_weights_that_do_not_fit_are_refused():
    model = to_model(_trained())
    missing = {k: w for k, w in model.weights.items() if k != "backwards.slopes"}
    with pytest.raises(CheckpointError, match="slopes"):
        from_model(dataclasses.replace(model, weights=missing), SPEC)


def test_an_asymmetric_window_is_refused():
    stage = dataclasses.replace(SPEC, profile=PROFILES["stage"])
    with pytest.raises(ParameterError, match="'stage' has an asymmetric window"):
        CueBilstm(stage)
