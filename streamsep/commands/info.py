"""`streamsep info`: engines, devices and versions, everything that a bug report needs."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from importlib.metadata import PackageNotFoundError, version

from streamsep.commands import Command

_OPTIONAL = {
    "torch": "offline",
    "matplotlib": "plot",
    "sounddevice": "live",
    "python-osc": "bridge",
    "pedalboard": "bridge",
    "pyworld": "maker",
    "av": "formats",
    "onnxruntime": "bench",
}
"""Package -> extra that installs it."""

_VARIABLES = ("STREAMSEP_CACHE_DIR", "STREAMSEP_PRESETS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def _run(arguments: argparse.Namespace) -> int:
    del arguments
    lines = [*_system(), "", *_engines(), "", *_packages(), "", *_devices()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _system() -> list[str]:
    import llvmlite.binding as llvm

    from streamsep.commands.session import versions

    facts = dict(versions())
    facts["processor"] = f"{llvm.get_host_cpu_name()}, {os.cpu_count()} cores"
    for name in _VARIABLES:
        if name in os.environ:
            facts[name] = os.environ[name]
    return [f"{name:<14} {value}" for name, value in facts.items()]


def _engines() -> list[str]:
    from streamsep.engine import available_engines
    from streamsep.engine.compiled.cache import cache_folder, is_cached
    from streamsep.presets import preset_files

    state = "ready" if is_cached("classic") else "not compiled yet"
    files = sorted(preset_files().items())
    presets = [f"  {name:<12} {path}{_note(str(path))}" for name, path in files]
    return [
        f"engines        {', '.join(available_engines())}",
        f"machine code   {cache_folder()} ({state})",
        "presets",
        *presets,
    ]


def _note(path: str) -> str:
    from streamsep.errors import StreamsepError
    from streamsep.presets import find_preset

    try:
        return " (offline only)" if find_preset(path).load().is_offline else ""
    except StreamsepError:
        return " (unusable: see 'streamsep models')"


def _packages() -> list[str]:
    lines = ["optional packages"]
    for package, extra in _OPTIONAL.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            found = f"missing: pip install 'streamsep[{extra}]'"
        lines.append(f"  {package:<12} {found}")
    return lines


def _devices() -> list[str]:
    return [f"graphics       {_graphics()}", *_sound_devices()]


def _graphics() -> str:
    if importlib.util.find_spec("torch") is None:
        return "unknown without torch"
    import torch

    if not torch.cuda.is_available():
        return "no CUDA device"
    return ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))


def _sound_devices() -> list[str]:
    if importlib.util.find_spec("sounddevice") is None:
        return ["sound devices  unknown without sounddevice"]
    try:
        sounddevice = importlib.import_module("sounddevice")
        devices = sounddevice.query_devices()
    except Exception as error:  # PortAudio missing or broken: just what a bug report must say
        return [f"sound devices  {type(error).__name__}: {error}"]
    lines = ["sound devices"]
    for device in devices:
        ways = f"{device['max_input_channels']} in, {device['max_output_channels']} out"
        lines.append(f"  {device['name']}: {ways}, {device['default_samplerate']:g} Hz")
    return lines if len(lines) > 1 else ["sound devices  none"]


command = Command(
    name="info",
    help="show engines, devices and versions: what a bug report needs",
    example="streamsep info",
    add_arguments=_add_arguments,
    run=_run,
)
