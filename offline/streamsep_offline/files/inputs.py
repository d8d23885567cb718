"""Which files to separate: those named, and the audio files in the folders named."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from streamsep.errors import ParameterError

AV_EXTENSIONS = (".m4a", ".mp4", ".m4b", ".aac", ".ac3", ".wma", ".webm", ".mka", ".mkv", ".mov")
"""Read by PyAV."""

_EXTENSIONS = (
    *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
    *(".aif", ".aiff", ".aifc", ".au", ".caf", ".w64", ".rf64"),
    *AV_EXTENSIONS,
)


def find_inputs(names: Iterable[str | Path], exclude: Path | None = None) -> list[Path]:
    """Files to separate, each once, in the order named; those of a folder sorted.

    Args:
        names: Files, taken whatever their extension, and folders, searched to the bottom for audio files.
            Hidden files and folders are left alone.
        exclude: Folder in which nothing is looked for: where the stems go.

    Raises:
        ParameterError: Nothing is named, or a folder holds no audio.
    """
    found: dict[str, Path] = {}
    for name in map(Path, names):
        files = _audio_in(name, exclude) if name.is_dir() else [name]
        if not files:
            raise ParameterError(f"folder {name} holds no audio files; name another")
        for path in files:
            found.setdefault(os.path.realpath(path), path)
    if not found:
        raise ParameterError("no input; name audio files or folders of them")
    return list(found.values())


def _audio_in(folder: Path, exclude: Path | None) -> list[Path]:
    left_out = None if exclude is None else os.path.realpath(exclude)
    files: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            each
            for each in folders
            if not each.startswith(".") and os.path.realpath(Path(place, each)) != left_out
        )
        files += [
            Path(place, name)
            for name in sorted(names)
            if not name.startswith(".") and name.lower().endswith(_EXTENSIONS)
        ]
    return files
