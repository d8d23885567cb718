from dataclasses import fields

import numpy as np
import pytest
import torch

from contract import verify_stage
from signals import music
from streamsep.features.cue_state import CueState
from streamsep.features.cue_tables import BAND_CUES, CUES, N_BANDS, cue_tables
from streamsep.features.cues import Cues
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec
from streamsep.stft import Analysis


def _spec(profile="stage", sample_rate=44100, channels=2):
    return StreamSpec(PROFILES[profile], sample_rate, channels, STEM_SETS["4stems"])


def _spectrum(audio, spec):
    whole = audio.shape[1] // spec.profile.hop * spec.profile.hop
    audio = torch.from_numpy(np.array(audio[None, :, :whole], np.float32))
    return Analysis(spec.profile, spec.channels).offline(audio)


def _features(audio, **kwargs):
    spec = _spec(channels=audio.shape[0], **kwargs)
    return Cues(spec).offline(_spectrum(audio, spec))


def _of(frames, name):
    return frames.bins[0, CUES.index(name)]


def _noise(n, seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal((2, n)).astype(np.float32)


class _Tensors:
    """One output of the cues as a stage of tensors."""

    def __init__(self, spec, part):
        self.cues, self.part = Cues(spec), part

    def step(self, x, state):
        frames, state = self.cues.step(x, state)
        return getattr(frames, self.part), state

    def offline(self, x):
        return getattr(self.cues.offline(x), self.part)


@pytest.mark.parametrize("part", ["bins", "bands"])
@pytest.mark.parametrize("profile", PROFILES)
def test_contract(profile, part):
    spec = _spec(profile)
    spectrum = _spectrum(music(0.7), spec)[..., :22]
    stage = _Tensors(spec, part)
    verify_stage(stage, lambda: stage.cues.init_state(1), spectrum, tolerance=1e-6)


@pytest.mark.parametrize("gain_db", [-60, 20])
def test_features_do_not_depend_on_the_level(gain_db):
    audio = music(1.0)
    a, b = _features(audio), _features(audio * 10 ** (gain_db / 20))
    assert float((a.bins - b.bins).abs().max()) < 2e-3
    assert float((a.bands - b.bands).abs().max()) < 2e-3


def test_one_channel_is_both_sides():
    mono = music(0.5, channels=1)
    a, b = _features(mono), _features(np.repeat(mono, 2, axis=0))
    assert torch.equal(a.bins, b.bins)
    assert torch.equal(a.bands, b.bands)


def test_a_tone_stands_out_and_is_steady_while_noise_is_neither():
    n = 44100
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(n) / 44100)[None].repeat(2, axis=0)
    a, b = _features(tone + 1e-3 * _noise(n)), _features(_noise(n))
    k = round(1000 / (44100 / 2048))
    for name in ("peak_172hz", "peak_431hz"):
        assert float(_of(a, name)[k, 40:].mean()) > 0.7
        assert abs(float(_of(b, name)[10:-10, 40:].mean())) < 0.2
    for name in ("phase_35ms", "phase_12ms"):
        assert float(_of(a, name)[k, 60:].min()) > 0.98
        assert float(_of(b, name)[10:-10, 60:].mean()) < 0.9


def test_a_stroke_is_new_everywhere_at_once():
    audio = 1e-2 * _noise(44100)
    audio[:, 22050:22060] += 0.3
    frames = _features(audio)
    at = 22050 // 512
    for name in ("flux_35ms", "novelty_151ms", "onset_wide", "onset_all"):
        values = _of(frames, name)[3:-3].mean(dim=0)
        assert 20 + int(values[20:].argmax()) in range(at, at + 5), name
        assert float(values[20:].max()) > 4 * float(values[20 : at - 1].max()), name
    held, wide = _of(frames, "onset_held"), _of(frames, "onset_wide")
    assert torch.all(held >= wide)
    later = at + 12
    assert float(held[100, later]) > float(wide[100, later]) + 0.1


@pytest.mark.parametrize(("right", "centre"), [(1.0, 1.0), (0.0, 0.0), (-1.0, -1.0), (0.5, 0.8)])
def test_centre_tells_where_a_source_is_mixed(right, centre):
    source = _noise(22050)[:1]
    frames = _features(np.concatenate([source, right * source]))
    for name in ("centre_60ms", "centre_now", "centre_500ms"):
        assert float((_of(frames, name)[..., 4:] - centre).abs().max()) < 1e-3
    panning = 2 * (1 - right**2) / (1 + right**2) - 1
    assert float((_of(frames, "panning_100ms")[..., 4:] - panning).abs().max()) < 1e-3


def test_independent_sides_are_incoherent():
    same = np.repeat(_noise(44100)[:1], 2, axis=0)
    a, b = _of(_features(_noise(44100)), "coherence_100ms"), _of(_features(same), "coherence_100ms")
    assert float(b[..., 20:].min()) > 0.999
    assert float(a[..., 20:].mean()) < 0.3


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_bands_share_out_every_bin(profile, sample_rate):
    table = cue_tables(_spec(profile, sample_rate))
    shares = table.interpolation()
    assert shares.shape == (N_BANDS, PROFILES[profile].n_bins)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=1e-6)
    assert np.all(np.count_nonzero(shares, axis=0) <= 2)
    assert np.all(shares.sum(axis=1) > 0)
    assert min(table.lags) >= 1
    assert min(table.n_peak) >= 1


def test_both_native_rates_hear_the_same_music():
    """The same sound sampled at 48 kHz gives bands close to those at 44.1 kHz."""
    a, b = _features(music(1.5)), _features(music(1.5, sample_rate=48000), sample_rate=48000)
    for k in (1, 2, 4):  # without strokes' noise, which is drawn sample by sample
        mine, other = a.bands[0, k, :40, 60:].mean(dim=-1), b.bands[0, k, :40, 60:].mean(dim=-1)
        assert float((mine - other).abs().mean()) < 0.12, BAND_CUES[k]


def _state_after(audio):
    spec = _spec()
    cues = Cues(spec)
    return cues.step(_spectrum(audio, spec), cues.init_state(1))[1]


@pytest.mark.parametrize("height", [0.0, 100.0])
def test_gaps_and_bursts_leave_hardly_a_trace(height):
    rate = 44100
    clean = music(6.4)
    bad = clean.copy()
    part = slice(rate, rate + 4096)
    bad[:, part] = height * np.sign(clean[:, part])
    a, b = _features(clean), _features(bad)
    assert torch.all(torch.isfinite(b.bins))
    late = slice(int(6.1 * rate / 512), None)
    assert float((a.bins[..., late] - b.bins[..., late]).abs().max()) < 0.05
    assert float((a.bands[..., late] - b.bands[..., late]).abs().max()) < 0.05


def test_silence_stops_the_clock():
    """Digital silence is finite, changes no memory and leaves nothing denormal."""
    spec = _spec()
    cues = Cues(spec)
    _, before = cues.step(_spectrum(music(0.5), spec), cues.init_state(1))
    frames, after = cues.step(torch.zeros(1, 2, 1025, 30, dtype=torch.complex64), before)
    assert torch.all(torch.isfinite(frames.bins))
    assert not torch.any(frames.counts)
    for field in fields(CueState):
        assert torch.equal(getattr(before, field.name), getattr(after, field.name)), field.name


def test_memory_holds_no_denormals_when_bins_fall_silent():
    """A tone after noise leaves bins in which only rounding errors are left."""
    spec = _spec()
    cues = Cues(spec)
    _, state = cues.step(_spectrum(music(0.3), spec), cues.init_state(1))
    quiet = torch.zeros(1, 2, 1025, 900, dtype=torch.complex64)
    quiet[:, :, 50] = 1.0
    _, state = cues.step(quiet, state)
    tiny = torch.finfo(torch.float32).tiny
    for field in fields(CueState):
        value = getattr(state, field.name)
        size = value.abs()
        assert not torch.any((size > 0) & (size < tiny)), field.name


def test_the_level_follows_a_quieter_song():
    """60 dB in 5 s leave at most 30 dB; falling with 3 s alone would leave 45 dB."""
    rate = 44100
    loud, quiet = music(1.0), 1e-3 * music(5.0)
    a = _features(np.concatenate([loud, quiet], axis=1))
    level = _of(a, "level")[:, -rate // 512 :].max()
    alone = _of(_features(quiet), "level")[:, -rate // 512 :].max()
    assert 3.0 * float(alone - level) < 30 / 8.686
