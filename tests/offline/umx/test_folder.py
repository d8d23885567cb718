"""Folders load as they are, or are refused with what is wrong."""

import json
import pickle
import shutil

import pytest
import torch

from streamsep.errors import CheckpointError, ParameterError
from streamsep_offline.umx.folder import read_folder, targets_of


def save(state: dict, path) -> None:
    torch.save(state, path)


@pytest.fixture
def folder(tmp_path, make_network, write_folder):
    networks = {t: make_network(seed=i) for i, t in enumerate(("other", "vocals", "brass"))}
    return write_folder(tmp_path / "trained", networks)


def test_a_training_folder_loads_with_all_its_numbers(folder, make_network):
    read = read_folder(folder)
    assert (read.n_fft, read.hop, read.sample_rate, read.channels) == (64, 16, 44100, 2)
    assert read.available == tuple(read.networks) == ("vocals", "other", "brass")
    assert read.known is None
    expected = make_network(seed=1).state_dict()
    for key, tensor in read.networks["vocals"].state_dict().items():
        assert torch.equal(tensor, expected[key]), key
    assert not read.networks["vocals"].training
    assert targets_of(folder) == read.available


def test_the_peers_own_loader_reads_the_same_weights(openunmix, folder):
    theirs = openunmix.utils.load_target_models(["vocals", "brass"], str(folder))
    ours = read_folder(folder, ["vocals", "brass"])
    x = torch.rand(1, 2, 33, 60)
    for target, network in ours.networks.items():
        with torch.inference_mode():
            assert torch.allclose(network.offline(x), theirs[target].eval()(x), rtol=1e-5)


def test_some_targets_only(folder):
    assert tuple(read_folder(folder, ["brass"]).networks) == ("brass",)
    with pytest.raises(ParameterError, match="no target piano; there are: vocals, other, brass"):
        read_folder(folder, ["vocals", "piano"])


@pytest.mark.parametrize("layers", [1, 4])
@pytest.mark.parametrize("is_causal", [True, False])
def test_layers_and_direction_are_read_from_the_keys(
    tmp_path, make_network, write_folder, layers, is_causal
):
    network = make_network(layers=layers, is_causal=is_causal)
    read = read_folder(write_folder(tmp_path / "own", {"vocals": network})).networks["vocals"]
    assert (read.nb_layers, read.unidirectional) == (layers, is_causal)
    x = torch.rand(1, 2, 33, 20)
    with torch.inference_mode():
        assert torch.equal(read.offline(x), network.offline(x))


def test_old_extra_keys_are_accepted_and_any_other_is_refused(folder, make_network):
    state = make_network().state_dict()
    old = {"sample_rate": torch.tensor(44100), "stft.window": torch.hann_window(64)}
    save(state | old | {"transform.0.window": torch.hann_window(64)}, folder / "vocals.pth")
    read_folder(folder)
    save(state | {"stft.windows": torch.ones(3)}, folder / "vocals.pth")
    with pytest.raises(CheckpointError, match=r"missing none; foreign stft\.windows"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("lstm.weight_hh_l1_reverse", r"missing lstm\.weight_hh_l1_reverse; foreign none"),
        ("lstm.weight_ih_l0", r"missing lstm\.weight_ih_l0; foreign none"),
        ("fc1.weight", r"missing fc1\.weight; foreign none"),
        ("bn3.running_var", r"missing bn3\.running_var; foreign none"),
    ],
)
def test_missing_keys_are_named(folder, make_network, key, words):
    state = make_network().state_dict()
    del state[key]
    save(state, folder / "vocals.pth")
    with pytest.raises(CheckpointError, match=words):
        read_folder(folder)


def test_a_whole_training_checkpoint_is_foreign(folder, make_network):
    save({"epoch": 3, "state_dict": make_network().state_dict()}, folder / "vocals.pth")
    with pytest.raises(CheckpointError, match=r"and \d+ more; foreign epoch, state_dict"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("fc2.weight", torch.zeros(16, 31), r"fc2\.weight has shape \(16, 31\)"),
        ("input_mean", torch.zeros(21), "does not fit 21 of 33 bins"),
        ("input_mean", torch.zeros(2, 10), "wrong axes"),
        ("bn1.bias", torch.full((16,), torch.nan), r"bn1\.bias holds NaN"),
        ("bn1.bias", 3.0, r"bn1\.bias is of type float"),
    ],
)
def test_weights_that_cannot_be_are_refused(folder, make_network, key, value, words):
    save({**make_network().state_dict(), key: value}, folder / "vocals.pth")
    with pytest.raises(CheckpointError, match=words):
        read_folder(folder)


def test_half_precision_and_the_format_of_2019_load(folder, make_network):
    state = {
        k: v.half() if v.is_floating_point() else v for k, v in make_network().state_dict().items()
    }
    torch.save(state, folder / "vocals.pth", _use_new_zipfile_serialization=False)
    assert read_folder(folder).networks["vocals"].fc1.weight.dtype == torch.float32


class Attack:
    def __reduce__(self):
        return (print, ("this must never be printed",))


@pytest.mark.parametrize("kind", ["pickle", "torch", "truncated", "empty", "list"])
def test_what_is_no_file_of_weights_is_refused_and_nothing_is_run(folder, kind, capsys):
    path = folder / "vocals.pth"
    if kind == "pickle":
        path.write_bytes(pickle.dumps(Attack()))
    elif kind == "torch":
        save({"fc1.weight": Attack()}, path)
    elif kind == "list":
        save([torch.zeros(3)], path)
    else:
        path.write_bytes(path.read_bytes()[: 2000 if kind == "truncated" else 0])
    with pytest.raises(CheckpointError, match=r"vocals\.pth"):
        read_folder(folder)
    assert "never" not in capsys.readouterr().out


def test_what_is_missing_is_named(tmp_path, folder):
    with pytest.raises(CheckpointError, match="no folder"):
        read_folder(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match=r"lacks <target>\.pth"):
        read_folder(tmp_path / "empty")
    (folder / "brass.pth").unlink()
    with pytest.raises(CheckpointError, match=r"lacks brass\.pth"):
        read_folder(folder)
    (folder / "brass.json").unlink()
    assert read_folder(folder).available == ("vocals", "other")
    (folder / "separator.json").unlink()
    with pytest.raises(CheckpointError, match=r"lacks separator\.json.*no published set; write it"):
        read_folder(folder)


def test_two_files_of_one_target_are_refused(folder):
    shutil.copy(folder / "vocals.pth", folder / "vocals-0123abcd.pth")
    with pytest.raises(CheckpointError, match="two files for 'vocals'"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("name", "key", "value", "words"),
    [
        ("separator.json", "nfft", 128, "has nfft 64, separator.json says 128"),
        ("separator.json", "nb_channels", 1, "has nb_channels 2, separator.json says 1"),
        ("separator.json", "nhop", 48, "nfft=64 must be a multiple of nhop=48"),
        ("separator.json", "sample_rate", "44.1k", "sample_rate is '44.1k'"),
        ("vocals.json", "hidden_size", 512, "has hidden_size 16, vocals.json says 512"),
    ],
)
def test_files_that_contradict_each_other_are_refused(folder, name, key, value, words):
    data = json.loads((folder / name).read_text())
    data.get("args", data)[key] = value
    (folder / name).write_text(json.dumps(data))
    with pytest.raises(CheckpointError, match=words):
        read_folder(folder)


def test_damaged_json_is_named(folder):
    (folder / "separator.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"separator\.json is not readable JSON"):
        read_folder(folder)


def test_a_published_set_needs_no_json_whatever_its_files_are_called(tmp_path, published):
    names = [name for name in published][:2]
    for folder, renamed in (("as published", False), ("renamed", True)):
        (tmp_path / folder).mkdir()
        for name in names:
            to = name.split("-")[0] + ".pth" if renamed else name
            (tmp_path / folder / to).write_bytes(published[name])
        read = read_folder(tmp_path / folder)
        assert read.known.name == "tiny"
        assert (read.n_fft, read.hop, read.sample_rate) == (64, 16, 44100)
        assert read.available == ("vocals", "drums")


def test_a_published_name_with_other_content_is_refused(tmp_path, published, make_network):
    name = next(iter(published))
    save(make_network(seed=77).state_dict(), tmp_path / name)
    with pytest.raises(
        CheckpointError, match=r"published is [0-9a-f]{8}\.\.\.: damaged or altered"
    ):
        read_folder(tmp_path)
