"""Versions of everything that decides a song's bits."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib.metadata
import re
import shutil
import subprocess

MAKER_VERSION = 2
"""Counts changes after which the same seed gives other songs."""

_PACKAGES = ("numpy", "scipy", "numba", "soundfile", "soxr", "pyworld")
_PROGRAMS = {"espeak-ng": ["--version"], "flite": ["--version"]}
_ABSENT = "absent"


@functools.cache
def versions() -> dict[str, str]:
    """Version by name; "absent" for an optional part that is not installed."""
    import soundfile as sf

    from streamsep import __version__

    found = {"streamsep": __version__, "maker": str(MAKER_VERSION)}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = _ABSENT
    found["libsndfile"] = sf.__libsndfile_version__
    found["fluidsynth"] = _fluidsynth()
    return found | {name: _program(name, options) for name, options in _PROGRAMS.items()}


def _fluidsynth() -> str:
    for name in (ctypes.util.find_library("fluidsynth"), "libfluidsynth.so.3"):
        if name:
            try:
                tell = ctypes.CDLL(name).fluid_version_str
            except (OSError, AttributeError):
                continue
            tell.restype = ctypes.c_char_p
            return tell().decode()
    return _ABSENT


def _program(name: str, options: list[str]) -> str:
    path = shutil.which(name)
    if path is None:
        return _ABSENT
    try:
        told = subprocess.run([path, *options], capture_output=True, text=True, timeout=10.0)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    number = re.search(r"\d+(\.\d+)+", told.stdout + told.stderr)
    return number[0] if number else "unknown"
