"""Trained Open-Unmix networks as folders: ours for causal ones, Open-Unmix's own for bidirectional ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from streamsep.model import Model, save_model
from streamsep.models.open_unmix import OpenUnmix
from streamsep.spec import StreamSpec


def export_causal(
    folder: Path,
    spec: StreamSpec,
    design: Any,
    networks: Mapping[str, OpenUnmix],
    card: dict[str, Any],
) -> None:
    """Write a model folder of kind "open_unmix" that every engine loads."""
    weights = {
        f"{name}.{key}": w.detach().cpu().numpy().copy()
        for name, network in networks.items()
        for key, w in network.state_dict().items()
    }
    first = next(iter(networks.values()))
    settings = {
        "hidden_size": design.hidden_size,
        "nb_layers": design.layers,
        "max_bin": first.nb_bins,
        "networks": list(networks),
        "mask": design.mask,
        "exponent": design.exponent,
    }
    model = Model(
        "open_unmix",
        spec.profile,
        spec.targets,
        spec.channels,
        (spec.sample_rate,),
        settings,
        weights,
        card,
    )
    save_model(model, folder)


def export_offline(
    folder: Path,
    spec: StreamSpec,
    design: Any,
    networks: Mapping[str, OpenUnmix],
    card: dict[str, Any],
) -> None:
    """Write `separator.json`, and `<target>.json` and `<target>.pth` of each stem.

    Open-Unmix itself loads this folder, and so does `streamsep separate --model`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    transform = {"nfft": spec.profile.n_fft, "nhop": spec.profile.hop}
    separator = {
        **transform,
        "sample_rate": spec.sample_rate,
        "nb_channels": spec.channels,
        "model_name": card.get("name", folder.name),
    }
    _write_json(folder / "separator.json", separator)
    arguments = {
        **transform,
        "hidden_size": design.hidden_size,
        "bandwidth": design.bandwidth_hz,
        "nb_channels": spec.channels,
        "unidirectional": False,
    }
    for name, network in networks.items():
        _write_json(folder / f"{name}.json", {"args": {"target": name, **arguments}, "card": card})
        state = {key: w.detach().cpu() for key, w in network.state_dict().items()}
        torch.save(state, folder / f"{name}.pth")


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
