import numpy as np
import pytest

from signals import music
from streamsep.errors import MissingExtraError, ParameterError, PresetError, ShapeError
from streamsep_offline.separation.api import separate


def test_stems_come_by_name_in_the_shape_of_the_audio(network):
    audio = music(1.5, 8000)
    before = audio.copy()
    stems = separate(audio, 8000, network, block_s=1.0)
    assert list(stems) == ["vocals", "drums", "other"]
    assert all(stem.shape == audio.shape and stem.dtype == np.float32 for stem in stems.values())
    np.testing.assert_allclose(sum(stems.values()), audio, atol=1e-6)
    assert np.array_equal(audio, before)


def test_one_axis_is_mono_and_float64_is_heard(network):
    audio = music(1.5, 8000)[0].astype(np.float64)
    stems = separate(audio, 8000, network)
    assert stems["vocals"].shape == audio.shape
    np.testing.assert_allclose(sum(stems.values()), audio, atol=1e-6)


def test_one_sample_is_enough(network):
    stems = separate(np.array([[0.5], [0.25]], np.float32), 8000, network)
    np.testing.assert_allclose(sum(stems.values()), [[0.5], [0.25]], atol=1e-7)


def test_settings_reach_the_separation(network):
    audio = music(1.5, 8000)
    stems = separate(audio, 8000, network, targets=("drums",), residual="rest", niter=0)
    assert list(stems) == ["drums", "rest"]


def test_progress_is_told_and_cancels(network):
    class CancelledError(Exception):
        pass

    def cancel(seconds):
        raise CancelledError

    told = []
    separate(music(1.5, 8000), 8000, network, progress=told.append)
    assert told == [1.5]
    with pytest.raises(CancelledError):
        separate(music(1.5, 8000), 8000, network, progress=cancel)


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
def test_nothing_is_refused(network, shape):
    with pytest.raises(ShapeError, match="empty"):
        separate(np.zeros(shape, np.float32), 8000, network)


def test_strange_arrays_are_refused(network):
    with pytest.raises(ShapeError, match="not floating-point"):
        separate(np.zeros((2, 100), np.int16), 8000, network)
    with pytest.raises(ShapeError, match=r"not \[channels, samples\]"):
        separate(np.zeros((1, 2, 100), np.float32), 8000, network)
    with pytest.raises(ShapeError, match="at least one"):
        separate(np.zeros((0, 100), np.float32), 8000, network)


def test_unknown_settings_and_targets_are_refused_with_a_list(network):
    audio = music(0.5, 8000)
    with pytest.raises(ParameterError, match="'wiener' is unknown; there are: aggregate, block_s"):
        separate(audio, 8000, network, wiener=1)
    with pytest.raises(
        ParameterError, match="'guitar' is unknown; there are: vocals, drums, other"
    ):
        separate(audio, 8000, network, targets=("guitar",))


def test_unknown_models_are_refused_with_a_list():
    with pytest.raises(PresetError, match=r"'nonsense' is unknown; .*4stems-stage.*umxhq"):
        separate(music(0.5), 44100, "nonsense")


def test_a_causal_preset_has_no_other_device():
    with pytest.raises(ParameterError, match="runs on the processor"):
        separate(music(0.5), 44100, "classic", device="cuda")


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    with pytest.raises(MissingExtraError, match="torch"):
        separate(music(0.5), 44100, "umxhq")
