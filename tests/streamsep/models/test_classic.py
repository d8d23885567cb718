import numpy as np
import pytest
import torch

from contract import verify_stage
from signals import music
from streamsep.classic_settings import ClassicSettings
from streamsep.models.classic import ClassicMasks
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec
from streamsep.stft import Analysis


def _masks(audio, profile="stage", stem_set="4stems", sample_rate=44100):
    spec = StreamSpec(PROFILES[profile], sample_rate, audio.shape[0], STEM_SETS[stem_set])
    hop = spec.profile.hop
    x = torch.from_numpy(audio[None, :, : audio.shape[1] // hop * hop].copy())
    spectrum = Analysis(spec.profile, spec.channels).offline(x)
    return ClassicMasks(ClassicSettings(), spec), spectrum


def _share(audio, stem, **kwargs):
    """Energy share of a stem over the second half of the signal."""
    model, spectrum = _masks(audio, **kwargs)
    masks = model.offline(spectrum)
    j = model.spec.targets.index(stem)
    half = spectrum.shape[-1] // 2
    power = spectrum.abs()[..., half:] ** 2
    return float((masks[:, j, ..., half:] * power).sum() / power.sum())


@pytest.mark.parametrize("stem_set", STEM_SETS)
@pytest.mark.parametrize("profile", PROFILES)
def test_contract(profile, stem_set):
    model, spectrum = _masks(music(0.6), profile, stem_set)
    spectrum = spectrum[..., :24]
    verify_stage(model, lambda: model.init_state(1), spectrum, tolerance=1e-5)


@pytest.mark.parametrize("stem_set", STEM_SETS)
def test_masks_share_out_everything(stem_set):
    model, spectrum = _masks(music(1.0), stem_set=stem_set)
    masks = model.offline(spectrum)
    assert float((masks.sum(dim=1) - 1).abs().max()) < 1e-6
    assert float(masks.min()) >= 0


def test_noise_bursts_are_drums_and_held_tones_are_not():
    t = np.arange(44100) / 44100
    bursts = np.random.default_rng(0).standard_normal(t.size) * (t % 0.5 < 0.02)
    wide = np.stack([bursts, bursts]).astype(np.float32)
    tones = np.stack([np.sin(2 * np.pi * f * t) for f in (440, 660)]).astype(np.float32)
    assert _share(wide, "drums") > 0.6
    assert _share(tones, "drums") < 0.05


def test_low_tones_are_bass():
    t = np.arange(44100) / 44100
    low = np.stack([np.sin(2 * np.pi * 70 * t)] * 2).astype(np.float32)
    assert _share(low, "bass") > 0.9


def test_centred_tones_go_to_the_vocals_and_panned_ones_do_not():
    t = np.arange(44100) / 44100
    tone = np.sin(2 * np.pi * 500 * t).astype(np.float32)
    centred = _share(np.stack([tone, tone]), "vocals")
    panned = _share(np.stack([tone, 0 * tone]), "vocals")
    assert centred > 0.4
    assert panned < 0.01


def test_decaying_strings_are_piano_and_held_notes_are_not():
    t = np.arange(2 * 44100) / 44100
    tones = np.stack([np.sin(2 * np.pi * f * t) for f in (440, 550)])
    struck = _share((tones * np.exp(-3 * t)).astype(np.float32), "piano", stem_set="5stems")
    held = _share(tones.astype(np.float32), "piano", stem_set="5stems")
    assert struck > 0.4
    assert held < 0.05


def test_level_does_not_matter():
    model, spectrum = _masks(music(1.0))
    loud, quiet = model.offline(spectrum), model.offline(spectrum * 1e-4)
    power = spectrum.abs()[:, None] ** 2
    assert float(((loud - quiet).abs() * power).sum() / power.sum()) < 1e-4


def test_mono_equals_dual_mono():
    mono = music(0.5, channels=1)
    one, x1 = _masks(mono)
    two, x2 = _masks(np.repeat(mono, 2, axis=0))
    assert torch.allclose(one.offline(x1)[:, :, 0], two.offline(x2)[:, :, 0], atol=2e-5)


@pytest.mark.parametrize("profile", PROFILES)
def test_both_rates_share_out_alike(profile):
    """Bands are in Hz and times in seconds: the same sound at 48 kHz is separated the same."""
    for stem in ("vocals", "drums", "bass"):
        a = _share(music(1.0), stem, profile=profile)
        b = _share(music(1.0, 48000), stem, profile=profile, sample_rate=48000)
        assert abs(a - b) < 0.06
