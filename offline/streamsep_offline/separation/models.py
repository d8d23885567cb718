"""Which model a name means: a preset, or a set of bidirectional networks."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from streamsep.errors import MissingExtraError, ParameterError, PresetError
from streamsep.model import Model, load_model
from streamsep.presets import find_preset
from streamsep_offline.separation.both_ways import BothWaysStems
from streamsep_offline.separation.causal import CausalStems
from streamsep_offline.separation.device import choose_device
from streamsep_offline.separation.estimator import Estimator
from streamsep_offline.separation.mixes import Mix, plan_mix
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.separation.shifts import shift_amounts_s
from streamsep_offline.separation.source import Source
from streamsep_offline.separation.spectrogram import SpectrogramSource
from streamsep_offline.separation.streamed import StemStream, StreamedSource
from streamsep_offline.umx.registry import SETS


def open_source(
    settings: SeparationSettings, estimator: Estimator | None = None
) -> tuple[Source, Mix]:
    """The model at work, and how its targets become stems.

    Args:
        settings: Name the model, what comes out, the shifts and the device.
        estimator: A network of one's own instead of the model that is named.

    Raises:
        ParameterError: A target is unknown, options exclude each other, or the device does not serve.
        PresetError: There is no such model.
        CheckpointError: The model's folder is damaged or foreign, or was not fetched.
        MissingExtraError: The model needs torch, and it is not installed.
    """
    shifts_s = shift_amounts_s(settings.shifts, settings.seed)
    if estimator is not None:
        mix = _mix(settings, estimator.targets)
        return SpectrogramSource(estimator, estimator.targets, settings.block_s, shifts_s), mix
    if _is_umx(settings.chosen_model):
        return _open_umx(settings.chosen_model, settings, shifts_s)
    model = _open_preset(settings.chosen_model)
    if settings.device not in (None, "cpu"):
        raise ParameterError(
            f"device '{settings.device}' serves spectrogram models; a preset runs on the "
            "processor, so leave the device out or use 'cpu'"
        )
    stems: StemStream = BothWaysStems(model) if model.is_offline else CausalStems(model)
    return StreamedSource(stems, settings.block_s, shifts_s), _mix(settings, model.targets)


def _is_umx(name: str) -> bool:
    """Whether the name is that of an Open-Unmix set, or of a folder that is no model folder of ours."""
    return name in SETS or (_is_folder(name) and not (Path(name) / "model.json").is_file())


def _is_folder(name: str) -> bool:
    """Whether a name means a folder: a preset's name wins, `./NAME` is always a folder."""
    if not os.path.isdir(name):
        return False
    try:
        find_preset(name)
    except PresetError:
        return True
    return False


def _open_preset(name: str) -> Model:
    if _is_folder(name):
        return load_model(name)
    try:
        return find_preset(name).load()
    except PresetError as error:
        raise PresetError(
            f"{error}; or name a set of bidirectional networks: {', '.join(SETS)}, or a folder"
        ) from error


def _open_umx(
    name: str, settings: SeparationSettings, shifts_s: tuple[float, ...]
) -> tuple[Source, Mix]:
    if importlib.util.find_spec("torch") is None:
        raise MissingExtraError(f"model '{name}'", "torch", "offline")
    from streamsep_offline.umx.estimator import load_umx, umx_targets

    available = umx_targets(name)
    mix = _mix(settings, available)
    estimator = load_umx(name, mix.used, choose_device(settings.device))
    return SpectrogramSource(estimator, available, settings.block_s, shifts_s), mix


def _mix(settings: SeparationSettings, available: tuple[str, ...]) -> Mix:
    return plan_mix(
        available, settings.targets, settings.aggregate, settings.residual, settings.two_stems
    )
