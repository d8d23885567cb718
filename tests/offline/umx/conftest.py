"""The peer, and small sets of networks as files, shared by the tests of the Open-Unmix room."""

import hashlib
import importlib
import importlib.util
import io
import json
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from streamsep.models.open_unmix import OpenUnmix
from streamsep_offline.umx import registry
from streamsep_offline.umx.registry import ModelSet

N_FFT, HOP, BINS, MAX_BIN = 64, 16, 33, 20


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the user's models nor the cache nor the network's settings are touched."""
    monkeypatch.setenv("STREAMSEP_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("STREAMSEP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("STREAMSEP_MIRROR", "STREAMSEP_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def openunmix() -> types.ModuleType:
    """The PyPI package; it imports torchaudio for reading files, so an empty module stands in."""
    if importlib.util.find_spec("openunmix") is None:
        pytest.skip("the peer is not installed: pip install --no-deps openunmix")
    is_missing = importlib.util.find_spec("torchaudio") is None
    if is_missing:
        sys.modules["torchaudio"] = types.ModuleType("torchaudio")
    try:
        module = importlib.import_module("openunmix")
        importlib.import_module("openunmix.model")
    finally:
        if is_missing:
            del sys.modules["torchaudio"]
    return module


@pytest.fixture(scope="session")
def make_network() -> Callable[..., OpenUnmix]:
    """Makes an Open-Unmix with random weights and the statistics of one that was trained."""

    def make(
        channels: int = 2,
        hidden_size: int = 16,
        layers: int = 3,
        is_causal: bool = False,
        seed: int = 0,
        bins: int = BINS,
        max_bin: int = MAX_BIN,
    ) -> OpenUnmix:
        torch.manual_seed(seed)
        mean, scale = torch.rand(max_bin) + 0.5, torch.rand(max_bin) + 0.5
        network = OpenUnmix(
            bins, channels, hidden_size, layers, is_causal, mean, scale, max_bin=max_bin
        )
        for norm in (network.bn1, network.bn2, network.bn3):
            torch.nn.init.uniform_(norm.running_var, 0.5, 2.0)
            torch.nn.init.normal_(norm.running_mean)
            torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
            torch.nn.init.normal_(norm.bias)
        torch.nn.init.uniform_(network.output_scale, 0.5, 1.5)
        return network.eval()

    return make


@pytest.fixture(scope="session")
def write_folder() -> Callable[..., Path]:
    """Writes networks as the original training does."""

    def write(folder: Path, networks: dict[str, OpenUnmix], with_json: bool = True) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for target, network in networks.items():
            torch.save(network.state_dict(), folder / f"{target}.pth")
            arguments = {
                "nfft": 2 * (network.nb_output_bins - 1),
                "nb_channels": network.nb_channels,
                "hidden_size": network.hidden_size,
            }
            log = {"epochs_trained": 3, "args": arguments}
            if with_json:
                (folder / f"{target}.json").write_text(json.dumps(log))
        if with_json:
            numbers = {"nfft": N_FFT, "nhop": HOP, "sample_rate": 44100.0}
            numbers["nb_channels"] = next(iter(networks.values())).nb_channels
            (folder / "separator.json").write_text(json.dumps(numbers))
        return folder

    return write


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, make_network: Callable[..., OpenUnmix]):
    """Two small published sets in the registry; returns the content of all files by name."""
    monkeypatch.setattr(registry, "SETS", registry.SETS)
    content: dict[str, bytes] = {}
    for name, is_commercial in (("tiny", True), ("tinyl", False)):
        files = {}
        for seed, target in enumerate(("vocals", "drums")):
            buffer = io.BytesIO()
            state = make_network(seed=seed + 10 * is_commercial).state_dict()
            state["stft.window"] = torch.hann_window(N_FFT)
            torch.save(state, buffer)
            data = buffer.getvalue()
            files[target] = f"{target}-{hashlib.sha256(data).hexdigest()[:8]}.pth"
            content[files[target]] = data
        model_set = ModelSet(
            name=name,
            description="two small networks",
            address="http://127.0.0.1:9/nowhere",
            files=files,
            megabytes=1,
            n_fft=N_FFT,
            hop=HOP,
            hidden_size=16,
            licence="MIT" if is_commercial else "CC BY-NC-SA 4.0",
            licence_address="https://example.org/licence",
            is_commercial=is_commercial,
        )
        monkeypatch.setitem(registry.SETS, name, model_set)
    return content
