import dataclasses

import numpy as np
import pytest
import torch

from contract import verify_stage
from signals import music
from streamsep.errors import CheckpointError
from streamsep.features.cue_tables import N_BANDS
from streamsep.model import load_model, save_model
from streamsep.models.cue_lstm import CueLstm
from streamsep.models.cue_lstm_weights import from_model, to_model
from streamsep.models.cue_prior import prior_logits
from streamsep.models.six_masks import six_masks
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec
from streamsep.stft import Analysis


def _spec(profile="stage", stem_set="4stems", sample_rate=44100, channels=2):
    return StreamSpec(PROFILES[profile], sample_rate, channels, STEM_SETS[stem_set])


def _trained(spec, local=(10, 6), scale=0.3):
    """A module whose every weight is at work, as after training; without `local` it hears the fine grid."""
    torch.manual_seed(0)
    module = CueLstm(spec, n_input=16, n_hidden=12, local=local, fine=local is None).eval()
    with torch.no_grad():
        for name in ("bias", "slopes", "context_output.weight", "local_output.weight"):
            if local is None and name.startswith("local"):
                continue
            weight = module.get_parameter(name)
            weight += scale * torch.randn_like(weight)
    return module


def _spectrum(audio, spec):
    whole = audio.shape[1] // spec.profile.hop * spec.profile.hop
    audio = torch.from_numpy(np.array(audio[None, :, :whole], np.float32))
    return Analysis(spec.profile, spec.channels).offline(audio)


@pytest.mark.parametrize(
    ("profile", "stem_set", "local"),
    [
        ("stage", "4stems", None),
        ("stage", "4stems", (10, 6)),
        ("instant", "2stems", (10, 6)),
        ("studio", "5stems", None),
    ],
)
def test_contract(profile, stem_set, local):
    spec = _spec(profile, stem_set)
    module = _trained(spec, local)
    spectrum = _spectrum(music(0.6), spec)[..., :20]
    with torch.inference_mode():
        verify_stage(module, lambda: module.init_state(1), spectrum, tolerance=1e-5)


@pytest.mark.parametrize("stem_set", STEM_SETS)
def test_masks_sum_to_one(stem_set):
    spec = _spec(stem_set=stem_set)
    with torch.inference_mode():
        masks = _trained(spec).offline(_spectrum(music(0.5), spec))
    assert masks.shape[1:4] == (len(spec.targets), 2, 1025)
    assert float((masks.sum(dim=1) - 1).abs().max()) < 1e-5
    assert float(masks.min()) >= 0


def test_the_six_masks_are_a_partition():
    masks = six_masks(3 * torch.randn(200, 20))
    assert float((masks.sum(dim=-1) - 1).abs().max()) < 1e-5
    assert float(masks.min()) > -1e-6  # 1 - t - p rounds


def _shares(audio):
    spec = _spec()
    torch.manual_seed(0)
    module, spectrum = CueLstm(spec, local=(10, 6)).eval(), _spectrum(audio, spec)
    with torch.inference_mode():
        masks = module.offline(spectrum)
    power = spectrum.abs()[:, None, ..., 40:] ** 2
    share = (masks[..., 40:] * power).sum(dim=(0, 2, 3, 4)) / power.sum()
    return dict(zip(spec.targets, share.tolist(), strict=True))


def test_it_starts_as_the_separator_without_weights():
    """Strokes are drums, low tones bass, centred tones partly vocals, side tones other."""
    t = np.arange(44100) / 44100
    strokes = 0.3 * np.random.default_rng(0).standard_normal(t.size) * np.exp(-300 * (t % 0.25))
    low = 0.1 * np.sin(2 * np.pi * 65 * t)
    high = 0.1 * sum(np.sin(2 * np.pi * f * t) for f in (440, 660, 880))
    nothing = np.zeros_like(t)
    assert _shares(np.stack([strokes, strokes]))["drums"] > 0.5
    assert _shares(np.stack([low, low]))["bass"] > 0.8
    assert _shares(np.stack([high, nothing]))["other"] > 0.8
    centred = _shares(np.stack([high, high]))
    assert 0.3 < centred["vocals"] < 0.8
    assert centred["drums"] < 0.15


@pytest.mark.parametrize("stem_set", STEM_SETS)
def test_the_prior_shares_out_every_cue(stem_set):
    logits = prior_logits(STEM_SETS[stem_set])
    assert logits.shape == (N_BANDS, len(STEM_SETS[stem_set]), 6)
    shares = np.exp(logits) - 0.02
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    assert shares.min() > -1e-6


def test_masks_do_not_depend_on_the_level():
    spec = _spec()
    module, audio = _trained(spec), music(1.0)
    with torch.inference_mode():
        a, b = (module.offline(_spectrum(g * audio, spec)) for g in (1.0, 10 ** (-50 / 20)))
    assert float((a - b).abs().max()) < 5e-3


def test_mono_is_dual_mono():
    mono, one, two = music(0.4, channels=1), _spec(channels=1), _spec()
    with torch.inference_mode():
        a = _trained(one).offline(_spectrum(mono, one))
        b = _trained(two).offline(_spectrum(np.repeat(mono, 2, axis=0), two))
    assert torch.equal(a[:, :, 0], b[:, :, 0])


def test_a_model_serves_both_native_rates():
    """The same sound gives nearly the same share of each stem at 44.1 and 48 kHz."""
    shares = []
    model = to_model(_trained(_spec(), scale=0.1))
    for sample_rate in (44100, 48000):
        spec = _spec(sample_rate=sample_rate)
        spectrum = _spectrum(music(1.5, sample_rate), spec)
        with torch.inference_mode():
            masks = from_model(model, spec).offline(spectrum)
        power = spectrum.abs()[:, None, ..., 60:] ** 2
        shares.append((masks[..., 60:] * power).sum(dim=(0, 2, 3, 4)) / power.sum())
    assert float((shares[0] - shares[1]).abs().max()) < 0.05


@pytest.mark.parametrize("local", [None, (10, 6)])
def test_training_path_equals_the_stream(local):
    """`context` and `logits` on whole sequences give the masks of `step`."""
    spec = _spec()
    module, spectrum = _trained(spec, local), _spectrum(music(0.5), spec)
    with torch.inference_mode():
        frames = module.cues.offline(spectrum)
        bands = frames.bands.permute(0, 3, 2, 1)
        features = frames.bins.permute(0, 3, 2, 1)
        fine = module.read_fine(features) if module.has_fine else None
        logits = module.logits(features, bands, module.context(bands, fine))
        masks = torch.softmax(logits, -1).permute(0, 3, 2, 1)
        streamed = module.offline(spectrum)
    assert float((masks - streamed[:, :, 0]).abs().max()) < 1e-5


@pytest.mark.parametrize("local", [None, (10, 6)])
def test_export_round_trip(tmp_path, local):
    spec = _spec()
    module, spectrum = _trained(spec, local), _spectrum(music(0.3), spec)
    save_model(to_model(module, {"licence": "MIT"}), tmp_path)
    model = load_model(tmp_path)
    assert model.kind == "cue_lstm"
    assert all(w.dtype == np.float32 for w in model.weights.values())
    with torch.inference_mode():
        a, b = module.offline(spectrum), from_model(model, spec).offline(spectrum)
    assert float((a - b).abs().max()) < 1e-6


def test_weights_that_do_not_fit_are_refused():
    model = to_model(_trained(_spec()))
    missing = {k: w for k, w in model.weights.items() if k != "slopes"}
    with pytest.raises(CheckpointError, match="slopes"):
        from_model(dataclasses.replace(model, weights=missing), _spec())
    with pytest.raises(CheckpointError, match="the stream wants vocals, accompaniment"):
        from_model(model, _spec(stem_set="2stems"))
