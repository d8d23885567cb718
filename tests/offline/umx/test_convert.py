"""`.pth` files are unpickled once; the safetensors made of them are used while they fit."""

import pytest
import torch

from streamsep_offline.umx import convert
from streamsep_offline.umx.convert import read_weights
from streamsep_offline.umx.folder import read_folder


@pytest.fixture
def path(tmp_path, make_network, write_folder):
    return write_folder(tmp_path / "own", {"vocals": make_network()}) / "vocals.pth"


@pytest.fixture
def unpickled(monkeypatch):
    paths = []
    original = torch.load
    monkeypatch.setattr(
        convert.torch, "load", lambda p, **kw: paths.append(kw) or original(p, **kw)
    )
    return paths


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_the_second_reading_needs_no_pickle_and_gives_the_same(path, unpickled):
    first, digest = read_weights(path)
    second, again = read_weights(path)
    assert same(first, second)
    assert digest == again
    assert len(digest) == 64
    assert [kw["weights_only"] for kw in unpickled] == [True]
    assert sorted(p.name for p in path.parent.glob("vocals.*")) == [
        "vocals.json",
        "vocals.pth",
        "vocals.safetensors",
    ]


def test_a_changed_original_is_read_again(path, unpickled, make_network):
    before, _ = read_weights(path)
    torch.save(make_network(seed=9).state_dict(), path)
    after, _ = read_weights(path)
    assert not same(before, after)
    assert same(after, read_weights(path)[0])
    assert len(unpickled) == 2


def test_a_damaged_conversion_is_made_again(path, unpickled):
    first, _ = read_weights(path)
    path.with_suffix(".safetensors").write_bytes(b"damaged")
    assert same(first, read_weights(path)[0])
    assert len(unpickled) == 2
    read_weights(path)
    assert len(unpickled) == 2


def test_a_read_only_folder_is_served_from_the_cache(path, unpickled, tmp_path, monkeypatch):
    original = convert.save_file

    def save_file(weights, place, metadata):
        if place.parent == path.parent:  # root may write anywhere, so the rights are played
            raise PermissionError(13, "Permission denied")
        original(weights, place, metadata=metadata)

    monkeypatch.setattr(convert, "save_file", save_file)
    first, digest = read_weights(path)
    assert (tmp_path / "cache" / "umx" / f"{digest}.safetensors").is_file()
    assert same(first, read_weights(path)[0])
    assert len(unpickled) == 1


def test_without_any_place_to_write_it_still_loads(path, monkeypatch):
    def save_file(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(convert, "save_file", save_file)
    assert "fc1.weight" in read_weights(path)[0]
    assert not list(path.parent.glob("*.part"))


def test_the_converted_file_alone_is_a_folder_too(path):
    expected = read_folder(path.parent).networks["vocals"].state_dict()
    path.unlink()
    assert same(read_folder(path.parent).networks["vocals"].state_dict(), expected)
