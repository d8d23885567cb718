"""Models whose stems stream, behind the same pipeline: a causal preset, and one that hears the future."""

import numpy as np
import pytest

from cue_models import both_ways_model
from signals import music
from streamsep import find_preset
from streamsep.model import save_model
from streamsep_offline.separation import both_ways
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import DEFAULT_MODEL, SeparationSettings

RATE = 44100


@pytest.fixture(scope="module", params=["causal", "both ways"])
def open_separation(request, tmp_path_factory):
    """Opens a separation by either model; the one that hears the future in short blocks."""
    model, at_once = "classic", pytest.MonkeyPatch()
    if request.param == "both ways":
        folder = tmp_path_factory.mktemp("model")
        save_model(both_ways_model(), folder)
        model = str(folder)
        for name in ("CORE_S", "AHEAD_S"):
            at_once.setattr(both_ways, name, 0.7)
    yield lambda **settings: Separation(
        SeparationSettings(**{"model": model, "block_s": 1.0, **settings})
    )
    at_once.undo()


@pytest.fixture(scope="module")
def audio():
    return music(3.7)


def test_the_default_is_the_best_bundled_preset():
    assert Separation(SeparationSettings()).stems == find_preset(DEFAULT_MODEL).stems
    assert SeparationSettings().chosen_model == DEFAULT_MODEL


@pytest.mark.parametrize("settings", [{"niter": 0}, {}, {"wiener_context": "song"}, {"shifts": 2}])
def test_a_late_start_and_a_second_run_give_the_same_bits(
    open_separation, audio, separate_all, settings
):
    separation = open_separation(**settings)
    core = separation.block_samples(RATE)
    whole = separate_all(separation, audio, RATE, piece=5000)
    assert np.array_equal(separate_all(separation, audio, RATE, piece=44001), whole)
    for block in (1, 3):
        late = separate_all(separation, audio, RATE, first_sample=block * core)
        assert np.array_equal(late, whole[..., block * core :])


@pytest.mark.parametrize("niter", [0, 1])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (48000, 2), (96000, 2), (22050, 6)])
def test_every_rate_and_layout_keeps_its_format_and_its_sum(
    open_separation, separate_all, rate, channels, niter
):
    audio = np.concatenate([music(1.3, rate, seed=s) for s in range(3)])[:channels]
    stems = separate_all(open_separation(niter=niter), audio, rate)
    assert stems.shape == (4, *audio.shape)
    assert np.abs(stems.sum(0) - audio).max() < 1e-6


@pytest.mark.parametrize("niter", [0, 1])
def test_the_sum_and_the_shape_of_the_stems_know_no_level(open_separation, separate_all, niter):
    left, right = music(2.6, seed=1)[0], music(2.6, seed=2)[1]
    audio = np.stack([left + 0.3 * right, right + 0.3 * left])
    separation = open_separation(niter=niter)
    loud = separate_all(separation, audio, RATE)
    for level_db in (-40, -60, -80):
        gain = np.float32(10 ** (level_db / 20))
        quiet = separate_all(separation, audio * gain, RATE)
        assert np.abs(quiet.sum(0) - audio * gain).max() < 1e-5 * np.abs(audio * gain).max()
        assert np.abs(quiet / gain - loud).max() < 1e-4 * np.abs(loud).max()


def test_the_filter_keeps_what_the_stems_are(open_separation, audio, separate_all):
    plain = separate_all(open_separation(niter=0), audio, RATE)
    filtered = separate_all(open_separation(niter=1), audio, RATE)
    difference = np.sum((filtered - plain) ** 2, axis=(1, 2)) / np.sum(plain**2, axis=(1, 2))
    assert np.all(difference > 1e-4)
    assert np.median(difference) < 0.5


def test_digital_silence_stays_digital_silence(open_separation, separate_all):
    silence = np.zeros((2, 2 * RATE), np.float32)
    for niter in (0, 1):
        assert not separate_all(open_separation(niter=niter), silence, RATE).any()


@pytest.mark.parametrize("n", [1, 700, 44100, 44101])
def test_every_length_comes_back(open_separation, audio, separate_all, n):
    stems = separate_all(open_separation(), audio[:, :n], RATE)
    assert stems.shape == (4, 2, n)
    np.testing.assert_allclose(stems.sum(0), audio[:, :n], atol=1e-6)


def test_shifts_keep_stems_in_their_place(open_separation, audio, separate_all):
    plain = separate_all(open_separation(niter=0), audio, RATE)
    shifted = separate_all(open_separation(niter=0, shifts=2), audio, RATE)
    assert not np.array_equal(plain, shifted)
    np.testing.assert_allclose(shifted.sum(0), audio, atol=1e-6)
    for a, b in zip(plain, shifted, strict=True):
        assert np.sum(a * b) > 0.9 * np.sqrt(np.sum(a**2) * np.sum(b**2))
