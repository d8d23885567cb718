"""What a user means by MODEL, and by which path it is to be heard."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from streamsep.errors import ParameterError, PresetError
from streamsep.model import load_model
from streamsep.presets import find_preset
from streamsep_offline.evaluation.estimates import EstimatesMethod, has_estimates
from streamsep_offline.evaluation.exported import OnnxMethod
from streamsep_offline.evaluation.live import LiveMethod
from streamsep_offline.evaluation.method import Method
from streamsep_offline.evaluation.offline import OfflineMethod
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.umx.registry import SETS


@dataclass(frozen=True)
class Wish:
    """What was said about how a model is to run; None where nothing was said.

    Attributes:
        path: "live" or "offline".
        profile: Of a preset.
        stem_set: Of a preset.
        engine: Live.
        precision: Live.
        wiener: Live: the recursive filter.
        niter: Offline: iterations of the Wiener filter.
        softmask: Offline.
        shifts: Offline.
        device: Offline.
    """

    path: str | None = None
    profile: str | None = None
    stem_set: str | None = None
    engine: str | None = None
    precision: str | None = None
    wiener: bool | None = None
    niter: int | None = None
    softmask: bool | None = None
    shifts: int | None = None
    device: str | None = None

    def said(self, *names: str) -> dict[str, object]:
        """Those of these attributes about which something was said."""
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


_SELECT = ("profile", "stem_set")
_LIVE = ("engine", "precision", "wiener")
_OFFLINE = ("niter", "softmask", "shifts", "device")
_OPTIONS = {name: f"--{name}" for name in (*_SELECT, *_LIVE, *_OFFLINE)} | {"stem_set": "--stems"}


def choose_method(model: str | None, wish: Wish, split: str = "test") -> Method:
    """The method that a model's name or path means.

    Args:
        model: Preset's name or file, model folder, Open-Unmix set or folder, ONNX file, or folder of
            estimates; None is the best preset.
        wish: How it is to run.
        split: Subfolder of estimates.

    Raises:
        ParameterError: It cannot run like that.
        PresetError: There is no such model.
    """
    if model is not None and model.lower().endswith(".onnx"):
        _refuse(wish, "an ONNX file", _SELECT + _LIVE + _OFFLINE, "offline")
        if not Path(model).is_file():
            raise PresetError(f"no file {model}; write one with: streamsep export RUN --onnx")
        return OnnxMethod(model)
    if model is not None and _is_folder(model):
        folder = Path(model)
        if (folder / "model.json").is_file():
            return _preset(model, wish, is_folder=True)
        if (folder / "run.json").is_file():
            raise PresetError(
                f"{model} is a run of 'streamsep train'; first: streamsep export {model} -o my-model"
            )
        if not (folder / "separator.json").is_file() and has_estimates(folder):
            _refuse(wish, "a folder of estimates", _SELECT + _LIVE + _OFFLINE, "live", "offline")
            return EstimatesMethod(model, split)
        return _bidirectional(model, wish)
    if model in SETS:
        return _bidirectional(model, wish)
    try:
        return _preset(model, wish, is_folder=False)
    except PresetError as error:
        raise PresetError(
            f"{error}; or name a set of bidirectional networks: {', '.join(SETS)}, a model folder, an "
            ".onnx file, or a folder of estimates"
        ) from error


def _is_folder(name: str) -> bool:
    """Whether a name means a folder: a preset's name wins, `./NAME` is always a folder."""
    if not os.path.isdir(name):
        return False
    try:
        find_preset(name)
    except PresetError:
        return True
    return False


def _preset(model: str | None, wish: Wish, is_folder: bool) -> Method:
    if model is None and wish.path == "offline" and not wish.said(*_SELECT):
        _refuse(wish, "the offline path", _LIVE)
        return _offline(None, wish)
    if is_folder:
        assert model is not None
        _refuse(wish, "a model folder", _SELECT)
        is_offline = load_model(model).is_offline
    else:
        preset = find_preset(model, wish.profile, wish.stem_set)
        is_offline = preset.load().is_offline
    if is_offline:
        _refuse(wish, "a model that hears the future", _SELECT + _LIVE, "live")
        return _offline(model, wish)
    if wish.path != "offline":
        _refuse(wish, "the live path", _OFFLINE)
        return LiveMethod(model, wish.profile, wish.stem_set, **wish.said(*_LIVE))  # type: ignore[arg-type]
    _refuse(wish, "the offline path", _LIVE)
    if model is not None and (is_folder or model.endswith(".json")):
        _refuse(wish, "a preset's file on the offline path", _SELECT)
        return _offline(model, wish)
    return _offline(f"{preset.name}-{preset.stem_set}-{preset.profile}", wish)


def _bidirectional(model: str, wish: Wish) -> Method:
    _refuse(wish, "a bidirectional network, which looks ahead", _SELECT + _LIVE, "live")
    return _offline(model, wish)


def _offline(model: str | None, wish: Wish) -> Method:
    return OfflineMethod(SeparationSettings(model=model, **wish.said(*_OFFLINE)))  # type: ignore[arg-type]


def _refuse(wish: Wish, what: str, names: tuple[str, ...], *paths: str) -> None:
    """Say which option means nothing here."""
    options = [f"--{wish.path}"] if wish.path in paths else []
    options += [_OPTIONS[name] for name in wish.said(*names)]
    if options:
        raise ParameterError(f"{options[0]} means nothing for {what}; leave it out")
