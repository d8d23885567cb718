"""A chain as it is written down: plug-ins in their order, each with its place's name and its parameters.

    [
      {"effect": "HighpassFilter", "cutoff_frequency_hz": 90},
      {"effect": "Reverb", "name": "hall", "room_size": 0.8},
      {"plugin": "/usr/lib/vst3/ZaMaximX2.vst3", "threshold_db": -6}
    ]

Chains are found by path, or by name in the folders of STREAMSEP_CHAINS and among those bundled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streamsep_bridge.rack.catalogue import EFFECTS, SILENT_IN_STREAMS
from streamsep_bridge.rack.parameters import ChainError, Value, tidy, unknown

_BUNDLED = Path(__file__).parent / "chains"


@dataclass(frozen=True)
class Entry:
    """One plug-in of a chain.

    Attributes:
        slot: Name of its place, for OSC.
        parameters: Values by name; what is not named stays at the plug-in's own default.
        effect: Name of a built-in effect; None where it is a file.
        plugin: File of a VST3 or an Audio Unit; None where it is built in.
        plugin_name: Which of several in that file.
        impulse_response: Sound file of a Convolution.
    """

    slot: str
    parameters: Mapping[str, Value]
    effect: str | None = None
    plugin: str | None = None
    plugin_name: str | None = None
    impulse_response: str | None = None

    def to_data(self) -> dict[str, Any]:
        """As it stands in a file."""
        heads = {
            "effect": self.effect,
            "plugin": self.plugin,
            "plugin_name": self.plugin_name,
            "impulse_response": self.impulse_response,
        }
        given = {key: value for key, value in heads.items() if value is not None}
        return {**given, "name": self.slot, **self.parameters}


@dataclass(frozen=True)
class Chain:
    """Plug-ins in their order; see the module's docstring.

    Attributes:
        name: For messages: the file's path, or the chain's own name.
        entries: Of the chain; none leaves the sound as it is.
    """

    name: str
    entries: tuple[Entry, ...] = ()

    def with_value(self, slot: str, parameter: str, value: Value) -> Chain:
        """The same with one parameter at another value."""
        moved = tuple(
            replace(entry, parameters={**entry.parameters, parameter: value})
            if entry.slot == slot
            else entry
            for entry in self.entries
        )
        return replace(self, entries=moved)

    def check_streams(self) -> None:
        """Refuse what only works on whole sounds.

        Raises:
            ChainError: There is such an effect.
        """
        for entry in self.entries:
            if entry.effect in SILENT_IN_STREAMS:
                raise ChainError(
                    f"{self.name}: pedalboard's {entry.effect} is silent when it gets sound block by "
                    "block; use it in a script on whole stems, here Transpose or a plug-in"
                )

    def to_data(self) -> list[dict[str, Any]]:
        """As it stands in a file."""
        return [entry.to_data() for entry in self.entries]

    def save(self, path: str | Path) -> None:
        """Write it to a file."""
        Path(path).write_text(json.dumps(self.to_data(), indent=2) + "\n", encoding="utf-8")


def find_chain(source: str | Path) -> Chain:
    """A chain by path or by name.

    Raises:
        ChainError: There is none, or it is damaged.
    """
    path = Path(source)
    if path.suffix != ".json" and not path.is_file():
        return named_chain(str(source))
    return _read_file(path)


def named_chain(name: str) -> Chain:
    """A chain of the chain folders, by its name alone.

    Raises:
        ChainError: There is none, or it is damaged.
    """
    known = dict(_named_chains())
    if name not in known:
        raise unknown("--fx", "chain", name, known)
    return _read_file(known[name])


def _read_file(path: Path) -> Chain:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ChainError(f"chain {path} cannot be read ({error}); name a JSON file") from error
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ChainError(
            f"chain {path}, line {error.lineno}: {error.msg}; the file is to be JSON"
        ) from error
    return read_chain(data, str(path), path.parent)


def chain_names() -> tuple[str, ...]:
    """Names of the chains that `find_chain` finds."""
    return tuple(sorted({name for name, _ in _named_chains()}))


def _named_chains() -> Iterator[tuple[str, Path]]:
    """Later ones win: the user's before the bundled."""
    folders = [_BUNDLED, *map(Path, filter(None, os.environ.get(FOLDERS, "").split(os.pathsep)))]
    for folder in folders:
        for path in sorted(folder.glob("*.json")):
            yield path.stem, path


FOLDERS = "STREAMSEP_CHAINS"
"""Names folders of chains in the environment."""


def read_chain(data: object, name: str, folder: Path | None = None) -> Chain:
    """A chain from what a file holds.

    Args:
        data: A list with an object for every plug-in.
        name: For messages.
        folder: What relative paths begin at; None is the working folder.

    Raises:
        ChainError: Something in it is unknown or out of range.
    """
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise ChainError(
            f"{name}: a chain is a list of plug-ins, not {data!r:.40}; "
            'write for example [{"effect": "Reverb", "room_size": 0.8}]'
        )
    entries: list[Entry] = []
    for number, item in enumerate(data, start=1):
        where = f"{name}, entry {number}"
        if not isinstance(item, Mapping) or ("effect" in item) == ("plugin" in item):
            raise ChainError(
                f"{where}: {item!r:.60} names no plug-in; it needs either an 'effect' of "
                "pedalboard or the path of a 'plugin'"
            )
        entry = _read_entry(dict(item), where, folder or Path())
        taken = {other.slot for other in entries}
        if entry.slot in taken:
            if "name" in item:
                raise ChainError(f"{where}: the name '{entry.slot}' is taken; choose another")
            count = next(n for n in range(2, 1000) if f"{entry.slot}_{n}" not in taken)
            entry = replace(entry, slot=f"{entry.slot}_{count}")
        entries.append(entry)
    return Chain(name, tuple(entries))


def _read_entry(item: dict[str, Any], where: str, folder: Path) -> Entry:
    texts = {}
    for key in ("effect", "plugin", "plugin_name", "impulse_response", "name"):
        texts[key] = item.pop(key, None)
        if texts[key] is not None and not (isinstance(texts[key], str) and texts[key]):
            raise ChainError(f"{where}: {key}={texts[key]!r} is no name")
    effect, plugin, response = texts["effect"], texts["plugin"], texts["impulse_response"]
    slot = tidy(texts["name"] or effect or Path(str(plugin)).stem)
    if texts["name"] and slot != texts["name"]:
        raise ChainError(
            f"{where}: name '{texts['name']}' has other signs than a-z, 0-9 and _; write '{slot}'"
        )
    if plugin is not None:
        path = _file(plugin, folder, f"{where}: plug-in")
        return Entry(slot, item, plugin=path, plugin_name=texts["plugin_name"])
    if effect not in EFFECTS:
        raise unknown(where, "effect", str(effect), EFFECTS)
    if (effect == "Convolution") != (response is not None):
        raise ChainError(f"{where}: an impulse_response (a sound file) is what a Convolution needs")
    known = {parameter.name: parameter for parameter in EFFECTS[effect]}
    values = {}
    for name, value in item.items():
        if name not in known:
            raise unknown(where, f"parameter of {effect}", name, known)
        values[name] = known[name].check(value, where)
    return Entry(
        slot,
        values,
        effect=effect,
        impulse_response=response and _file(response, folder, f"{where}: sound"),
    )


def _file(name: str, folder: Path, what: str) -> str:
    """Absolute, and there: a VST3 may be a file or a folder."""
    path = (folder / Path(name).expanduser()).resolve()
    if not path.exists():
        raise ChainError(f"{what} {path} does not exist")
    return str(path)
