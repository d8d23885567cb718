"""What a model's name means."""

import json

import numpy as np
import pytest

from cue_models import write_both_ways_preset
from signals import music
from streamsep import find_preset
from streamsep.errors import CheckpointError, ParameterError, PresetError
from streamsep.model import save_model
from streamsep_offline.separation.api import separate
from streamsep_offline.separation.both_ways import BothWaysStems
from streamsep_offline.separation.causal import CausalStems
from streamsep_offline.separation.models import open_source
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.separation.spectrogram import SpectrogramSource
from streamsep_offline.separation.streamed import StreamedSource


@pytest.fixture
def umx_folder(tmp_path, make_network, monkeypatch):
    """A folder of small random networks, as Open-Unmix's training leaves it."""
    torch = pytest.importorskip("torch")
    monkeypatch.setenv("STREAMSEP_CACHE_DIR", str(tmp_path / "cache"))
    network = make_network()
    for target, one in zip(network.targets, network.networks, strict=True):
        torch.save(one.state_dict(), tmp_path / f"{target}.pth")
    numbers = {"nfft": 512, "nhop": 128, "sample_rate": 8000, "nb_channels": 2}
    (tmp_path / "separator.json").write_text(json.dumps(numbers))
    return tmp_path


def _open(model, **settings):
    return open_source(SeparationSettings(model=str(model), **settings))


def test_a_folder_of_open_unmix_networks_separates(umx_folder):
    audio = music(2.0, 8000)
    stems = separate(audio, 8000, str(umx_folder))
    assert set(stems) == {"vocals", "drums", "other"}
    np.testing.assert_allclose(sum(stems.values()), audio, atol=1e-6)


def test_a_presets_name_wins_over_a_folder_of_that_name(umx_folder, monkeypatch):
    umx_folder.rename(umx_folder.with_name("classic"))
    monkeypatch.chdir(umx_folder.parent)
    assert isinstance(open_source(SeparationSettings("classic"))[0], StreamedSource)
    assert isinstance(open_source(SeparationSettings("./classic"))[0], SpectrogramSource)


def test_only_the_networks_that_are_used_are_loaded(umx_folder):
    source, mix = _open(umx_folder, targets=("drums",), residual="rest")
    assert source.targets == ("drums",)
    assert set(source.available) == {"vocals", "drums", "other"}
    assert mix.stems == ("drums", "rest")
    source, _ = _open(umx_folder, two_stems="drums")
    assert len(source.targets) == 3  # the filter knows better with all of them


def test_a_subset_does_not_get_what_belongs_to_the_rest(umx_folder):
    audio = music(2.0, 8000)
    alone = separate(audio, 8000, str(umx_folder), targets=("drums",))
    assert list(alone) == ["drums"]
    assert np.abs(alone["drums"] - audio).max() > 0.01


def test_a_target_that_the_folder_lacks_is_refused(umx_folder):
    with pytest.raises(ParameterError, match="'guitar' is unknown; there are: vocals"):
        _open(umx_folder, targets=("guitar",))


def test_a_model_folder_of_ours_is_causal(tmp_path):
    save_model(find_preset("classic").load(), tmp_path / "mine")
    source, mix = _open(tmp_path / "mine")
    assert isinstance(source.model, CausalStems)
    assert mix.stems == ("vocals", "drums", "bass", "other")


def test_a_model_that_hears_the_future_is_known_by_its_folder_and_by_a_presets_name(
    tmp_path, monkeypatch
):
    write_both_ways_preset(tmp_path)
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    for name in (tmp_path / "mine", "4stems-mine", tmp_path / "4stems-mine.json"):
        source, mix = _open(name)
        assert isinstance(source.model, BothWaysStems)
        assert mix.stems == ("vocals", "drums", "bass", "other")
    with pytest.raises(ParameterError, match="runs on the processor"):
        _open("4stems-mine", device="cuda")


def test_a_folder_without_networks_is_refused(tmp_path):
    pytest.importorskip("torch")
    with pytest.raises(CheckpointError):
        _open(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PresetError, match="name a set of bidirectional networks"):
        _open(tmp_path / "absent")
