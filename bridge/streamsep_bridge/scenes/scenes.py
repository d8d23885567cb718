"""`Scenes`: the scenes of a folder, by name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep_bridge.names import NAME
from streamsep_bridge.scenes.reading import SceneError, read_scene
from streamsep_bridge.scenes.scene import Scene, between, bring, take, to_json

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession

MAX_SCENES = 1000
"""A folder holds no more: names may come from the network."""

MAX_NAME_BYTES = 200
"""File systems take 255, with what is added to it."""


class Scenes:
    """Stores, recalls and morphs scenes of a session.

    Args:
        session: In any state.
        folder: Of the files; made when the first is stored.

    Thread: any, one at a time. Allocates: yes.
    """

    def __init__(self, session: LiveSession, folder: str | Path) -> None:
        self._session, self.folder = session, Path(folder)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all scenes."""
        try:
            return tuple(sorted(path.stem for path in self.folder.glob("*.json")))
        except OSError:
            return ()

    def store(self, name: str) -> Path:
        """Keep where everything is now; its file.

        Args:
            name: Letters, digits, space, ".", "_", "-"; one that is there is replaced.

        Raises:
            SceneError: The name is none, there are too many, or the file cannot be written.
        """
        path = self._path(name)
        if not path.exists() and len(self.names) >= MAX_SCENES:
            raise SceneError(f"{self.folder} holds {MAX_SCENES} scenes already; delete some")
        write_scene(take(self._session), path)
        return path

    def recall(self, name: str, fade_s: float = 0.5) -> None:
        """Fade to a scene; see `scene.bring`.

        Raises:
            SceneError: There is none like that, or its file is damaged.
            StreamsepError: Its model cannot be had.
        """
        bring(self._session, self._read(name), fade_s)

    def morph(self, first: str, second: str, position: float) -> None:
        """Be between two scenes; see `scene.between`.

        Raises:
            SceneError: One of them is missing or damaged.
        """
        bring(self._session, between(self._read(first), self._read(second), position))

    def delete(self, name: str) -> None:
        """Forget a scene.

        Raises:
            SceneError: There is none like that.
        """
        try:
            self._path(name).unlink()
        except OSError:
            raise self._unknown(name) from None

    def export(self, name: str, path: str | Path) -> None:
        """Write a scene to a file elsewhere.

        Raises:
            SceneError: There is none like that, or the file cannot be written.
        """
        write_scene(self._read(name), Path(path))

    def bring_in(self, path: str | Path, name: str | None = None) -> str:
        """Take a scene from a file elsewhere into the folder; its name here.

        Args:
            path: Of the file.
            name: None is the file's.

        Raises:
            SceneError: It is damaged or foreign, or the name is none.
        """
        name = Path(path).stem if name is None else name
        write_scene(read_scene(Path(path)), self._path(name))
        return name

    def _read(self, name: str) -> Scene:
        path = self._path(name)
        if not path.exists():
            raise self._unknown(name)
        return read_scene(path)

    def _unknown(self, name: str) -> SceneError:
        known = ", ".join(self.names) or "none yet"
        return SceneError(f"there is no scene '{name}'; there are: {known}")

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name) or len(name.encode()) > MAX_NAME_BYTES:
            raise SceneError(
                f"{name[:70]!a} is no name for a scene; use letters, digits, ' ', '.', '_', '-'"
            )
        return self.folder / f"{name}.json"


def write_scene(scene: Scene, path: Path) -> None:
    """Write a scene, wholly or not at all.

    Raises:
        SceneError: The file cannot be written.
    """
    fresh = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8") as file:
            file.write(json.dumps(to_json(scene), indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError as error:
        raise SceneError(f"{path} cannot be written: {error.strerror}") from error
