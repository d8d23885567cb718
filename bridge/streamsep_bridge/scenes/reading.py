"""Files of scenes, read strictly: whatever is wrong is named with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streamsep.errors import StreamsepError
from streamsep.mixer import MAX_GAIN
from streamsep_bridge.live.mix import MAX_MASTER
from streamsep_bridge.scenes.scene import (
    FORMAT,
    FORMAT_VERSION,
    Scene,
    SceneMix,
    SceneModel,
    SceneStem,
)

MAX_BYTES = 1 << 20

_NAME = re.compile(r"\w[\w-]{0,63}")
_STEM_RANGES = {"gain": (0.0, MAX_GAIN), "pan": (-1.0, 1.0), "width": (0.0, 2.0)}
_MIX_RANGES = {"gain": (0.0, MAX_MASTER), "dry_wet": (0.0, 1.0)}


class SceneError(StreamsepError, ValueError):
    """A scene is missing, damaged, foreign, or its name is none."""


def read_scene(path: Path) -> Scene:
    """The scene of a file.

    Args:
        path: Of the file.

    Raises:
        SceneError: It is missing, damaged, foreign or of another version; the message names the line.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SceneError(f"{path} is too large for a scene; is it one?")
        text = path.read_text(encoding="utf-8")
        data = json.loads(text)
    except FileNotFoundError:
        raise SceneError(f"there is no scene {path}") from None
    except json.JSONDecodeError as error:
        raise SceneError(f"{path}, line {error.lineno}: no JSON ({error.msg})") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SceneError(f"{path} cannot be read ({error})") from None
    return _Reader(path, text).scene(data)


class _Reader:
    """Turns what JSON gave into a scene, and finds the line of what is wrong."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text

    def scene(self, data: Any) -> Scene:
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise self._wrong(["format"], f'is foreign; expected "format": "{FORMAT}"')
        if data.get("version") != FORMAT_VERSION:
            raise self._wrong(
                ["version"],
                f"has version {data.get('version')!r}, this program reads {FORMAT_VERSION}; update it",
            )
        self._check_keys(data, [], ("format", "version", "model", "mix", "stems"))
        mix = self._table(data.get("mix", {}), ["mix"], _MIX_RANGES, ("bypass",))
        stems = data.get("stems", {})
        if not isinstance(stems, dict):
            raise self._wrong(["stems"], "must be a table of stems")
        return Scene(
            self._model(data["model"]) if "model" in data else None,
            SceneMix(**mix),
            {
                name: SceneStem(
                    **self._table(stem, ["stems", name], _STEM_RANGES, ("mute", "solo"))
                )
                for name, stem in stems.items()
            },
        )

    def _model(self, data: Any) -> SceneModel:
        keys = ("preset", "profile", "stem_set")
        if not isinstance(data, dict):
            raise self._wrong(["model"], f"must be a table with {', '.join(keys)}")
        self._check_keys(data, ["model"], keys)
        for key in keys:
            name = data.get(key)
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise self._wrong(["model", key], f"{name!r} is no name of a {key}")
        return SceneModel(**data)

    def _table(
        self,
        data: Any,
        where: list[str],
        ranges: dict[str, tuple[float, float]],
        switches: Sequence[str],
    ) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise self._wrong(where, "must be a table of controls")
        self._check_keys(data, where, (*ranges, *switches))
        for key, value in data.items():
            if key in switches:
                if not isinstance(value, bool):
                    raise self._wrong([*where, key], f"{value!r} is neither true nor false")
                continue
            low, high = ranges[key]
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not is_number or not low <= value <= high:
                raise self._wrong([*where, key], f"{value!r} is no number from {low:g} to {high:g}")
        return {key: value if key in switches else float(value) for key, value in data.items()}

    def _check_keys(self, data: dict[str, Any], where: list[str], known: Sequence[str]) -> None:
        for key in data:
            if key not in known:
                raise self._wrong([*where, key], f"is unknown; there are: {', '.join(known)}")

    def _wrong(self, where: list[str], why: str) -> SceneError:
        """An error at the line in which the last of nested keys stands."""
        at = 0
        for key in where:
            found = re.compile(re.escape(json.dumps(key)) + r"\s*:").search(self._text, at)
            at = found.start() if found else at
        line = self._text.count("\n", 0, at) + 1
        return SceneError(f"{self._path}, line {line}: {'.'.join(where)} {why}")
