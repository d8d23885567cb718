"""`Mapping`: which control moves what, kept in a file of the user's for every port."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from streamsep_bridge.midi.ports import MidiError
from streamsep_bridge.midi.touches import N_COARSE, Control

FORMAT = "streamsep-midi"
FORMAT_VERSION = 1
"""Version of the files; a reader refuses any other."""

FADERS, SWITCHES = ("gain", "master"), ("mute", "solo")


@dataclass(frozen=True)
class Target:
    """What a control moves.

    Attributes:
        what: "gain", "mute" or "solo" of a stem, or "master".
        stem: Its name; "" for the master.
    """

    what: str
    stem: str = ""

    def __post_init__(self) -> None:
        if self.what not in (*FADERS, *SWITCHES) or (self.what == "master") == bool(self.stem):
            raise ValueError(f"no target: {self.what!r} of {self.stem!r}")

    def __str__(self) -> str:
        names = {"gain": f"the fader of {self.stem}", "master": "the master"}
        return names.get(self.what, f"{self.what} of {self.stem}")

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off."""
        return self.what in SWITCHES


@dataclass
class Mapping:
    """Controls and targets, one to one.

    Attributes:
        port: Name of the port whose controls they are.
        targets: By control.
    """

    port: str
    targets: dict[Control, Target] = field(default_factory=dict)

    def learn(self, control: Control, target: Target) -> None:
        """From now on this control, and no other, moves this target, and no other."""
        self.forget(target)
        halves = {("cc", control.number), ("cc14", control.number)}
        if control.kind == "cc14":
            halves.add(("cc", control.number + N_COARSE))
        for known in tuple(self.targets):
            is_same = known.channel == control.channel and (known.kind, known.number) in halves
            if is_same and control.kind != "note":
                del self.targets[known]
        self.targets[control] = target

    def forget(self, target: Target) -> Control | None:
        """Nothing moves this target any more; the control that did."""
        for control, known in tuple(self.targets.items()):
            if known == target:
                del self.targets[control]
                return control
        return None

    def save(self) -> Path:
        """Write it to the file of its port.

        Raises:
            MidiError: The file cannot be written.
        """
        path = mapping_file(self.port)
        data = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "port": self.port,
            "controls": [
                {**vars(control), "target": target.what, "stem": target.stem}
                for control, target in sorted(self.targets.items())
            ],
        }
        fresh = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
            os.replace(fresh, path)
        except OSError as error:
            raise MidiError(
                f"what was learned cannot be kept in {path}: {error.strerror}; it works until the end"
            ) from error
        return path


def load_mapping(port: str) -> Mapping:
    """What was learned for a port; nothing, if nothing was.

    Args:
        port: Its name.

    Raises:
        MidiError: The file is damaged, foreign or of another version.
    """
    path = mapping_file(port)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Mapping(port)
    except (OSError, ValueError) as error:
        raise MidiError(f"{path} is not readable JSON ({error}); mend or delete it") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise MidiError(f'{path} is foreign; expected "format": "{FORMAT}"; delete it')
    if data.get("version") != FORMAT_VERSION:
        raise MidiError(
            f"{path} has version {data.get('version')}, this program reads {FORMAT_VERSION}; update "
            "streamsep or delete the file"
        )
    try:
        return Mapping(port, dict(_read(entry) for entry in data["controls"]))
    except (KeyError, TypeError, ValueError) as error:
        raise MidiError(f"{path} is damaged: {error!r}; mend or delete it") from error


def mapping_file(port: str) -> Path:
    """Where what was learned for a port is kept."""
    # Names have slashes and colons; the digest keeps apart what looks the same without them.
    readable = re.sub(r"[^A-Za-z0-9]+", "-", port).strip("-")[:40]
    digest = hashlib.sha256(port.encode()).hexdigest()[:8]
    folder = Path(platformdirs.user_config_dir("streamsep")) / "midi"
    return folder / f"{readable}-{digest}.json"


def _read(entry: dict[str, Any]) -> tuple[Control, Target]:
    kind, channel, number = entry["kind"], entry["channel"], entry["number"]
    highest = {"cc": 127, "cc14": N_COARSE - 1, "note": 127}
    if kind not in highest or not 1 <= channel <= 16 or not 0 <= number <= highest[kind]:
        raise ValueError(f"no control: {kind} {number} on channel {channel}")
    target = Target(entry["target"], entry["stem"])
    if kind == "note" and not target.is_switch:
        raise ValueError(f"a note cannot move {target}")
    return Control(kind, int(channel), int(number)), target
