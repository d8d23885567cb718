"""From a chain to plug-ins that run: a `pedalboard.Pedalboard`, and its parameters by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from streamsep.errors import MissingExtraError
from streamsep_bridge.rack.catalogue import EFFECTS, TRANSPOSE
from streamsep_bridge.rack.chain import Chain, Entry, read_chain
from streamsep_bridge.rack.parameters import ChainError, Parameter, Value, tidy, unknown
from streamsep_bridge.rack.transpose import Transpose

_RESERVED = ("effect", "plugin", "plugin_name", "name", "impulse_response")


def import_pedalboard() -> Any:
    """The package.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import pedalboard
    except ImportError as error:
        raise MissingExtraError("a rack of plug-ins", "pedalboard", "fx") from error
    return pedalboard


class Board:
    """A chain at work, called as a `Pedalboard`.

    Args:
        chain: What is in it.

    Attributes:
        chain: The same, with the values that were set since.
        parameters: What can be set, by slot and name.

    Raises:
        ChainError: A plug-in cannot be loaded, or has no such parameter.
        MissingExtraError: pedalboard is not installed.

    Latency: hidden, see `rack.latency`. Thread: one at a time; plug-ins want to be loaded in the main one.
    Allocates: yes. In place: own state.
    """

    def __init__(self, chain: Chain) -> None:
        pedalboard = import_pedalboard()
        self.chain = replace(chain, entries=())
        self.parameters: dict[str, dict[str, Parameter]] = {}
        self._plugins: dict[str, Any] = {}
        self._python_names: dict[str, dict[str, str]] = {}
        for entry in chain.entries:
            where = f"{chain.name}, '{entry.slot}'"
            plugin = _load(pedalboard, entry, where)
            self._plugins[entry.slot] = plugin
            known, names = _describe(plugin, entry)
            self.parameters[entry.slot], self._python_names[entry.slot] = known, names
            self.chain = replace(self.chain, entries=(*self.chain.entries, entry))
            for name, value in entry.parameters.items():
                self.set(entry.slot, name, value)
        plugins = list(self._plugins.values())
        self._last = plugins.pop() if plugins and isinstance(plugins[-1], Transpose) else None
        if any(isinstance(plugin, Transpose) for plugin in plugins):
            raise ChainError(f"{chain.name}: {TRANSPOSE} has to be the last of its chain")
        self._board = pedalboard.Pedalboard(plugins)

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """As `Pedalboard.__call__`. [channels, n] -> [channels, <= n]

        Raises:
            ChainError: A plug-in refuses the sound: it wants other channels, or another rate.
        """
        try:
            heard = self._board(audio, sample_rate, buffer_size=buffer_size, reset=reset)
            if self._last is None:
                return heard
            return self._last(heard, sample_rate, buffer_size=buffer_size, reset=reset)
        except (ValueError, TypeError, RuntimeError) as error:
            reason = " ".join(str(error).split())
            raise ChainError(
                f"{self.chain.name} cannot process {len(audio)} channel(s) at {sample_rate:g} Hz: "
                f"{reason}"
            ) from error

    def reset(self) -> None:
        """Forget all sound."""
        self._board.reset()
        if self._last is not None:
            self._last.reset()

    def set(self, slot: str, parameter: str, value: object) -> None:
        """Set a parameter.

        Raises:
            ChainError: There is no such slot or parameter, or the value is out of range.
        """
        where = self.chain.name
        checked = find_parameter(self.parameters, slot, parameter, where).check(value, where)
        plugin, name = self._plugins[slot], self._python_names[slot][parameter]
        try:
            setattr(plugin, name, _native(plugin, name, checked))
        except (ValueError, TypeError, RuntimeError) as error:
            raise ChainError(f"{where}, '{slot}': {parameter}={value!r}: {error}") from error
        self.chain = self.chain.with_value(slot, parameter, checked)


def find_parameter(
    parameters: Mapping[str, Mapping[str, Parameter]], slot: str, name: str, where: str
) -> Parameter:
    """A parameter by slot and name.

    Raises:
        ChainError: There is none like that.
    """
    if slot not in parameters:
        raise unknown(where, "slot", slot, parameters)
    if name not in parameters[slot]:
        raise unknown(where, f"parameter of '{slot}'", name, parameters[slot])
    return parameters[slot][name]


def _load(pedalboard: Any, entry: Entry, where: str) -> Any:
    if entry.effect == TRANSPOSE:
        return Transpose()
    try:
        if entry.plugin:
            return pedalboard.load_plugin(entry.plugin, plugin_name=entry.plugin_name)
        if not hasattr(pedalboard, str(entry.effect)):
            version = pedalboard.__version__
            raise ChainError(
                f"{where}: pedalboard {version} has no {entry.effect}; install a newer one"
            )
        make = getattr(pedalboard, str(entry.effect))
        return make(entry.impulse_response) if entry.impulse_response else make()
    except (ImportError, ValueError, RuntimeError, TypeError, OSError) as error:
        if isinstance(error, ChainError):
            raise
        reason = " ".join(str(error).split())
        raise ChainError(f"{where} cannot be loaded: {reason}") from error


def _describe(plugin: Any, entry: Entry) -> tuple[dict[str, Parameter], dict[str, str]]:
    """Parameters, and what Python calls them."""
    if entry.effect:
        known = {parameter.name: parameter for parameter in EFFECTS[entry.effect]}
        return known, {name: name for name in known}
    known, names = {}, {}
    for python_name, parameter in plugin.parameters.items():
        name = tidy(python_name)
        if name in _RESERVED:
            name = f"{name}_"
        names[name] = python_name
        if parameter.type is float:
            low, high = float(parameter.min_value), float(parameter.max_value)
            known[name] = Parameter(name, min(low, high), max(low, high))
        elif parameter.type is bool:
            known[name] = Parameter(name, is_switch=True)
        else:
            known[name] = Parameter(name, choices=tuple(map(str, parameter.valid_values)))
    return known, names


def _native(plugin: Any, name: str, value: Value) -> Any:
    """Choices of built-in effects are enumerations."""
    kind = type(getattr(plugin, name))
    if isinstance(value, str) and hasattr(kind, "__members__"):
        return kind.__members__[value]
    return value


def chain_of(plugins: Iterable[Any], name: str = "pedalboard") -> Chain:
    """The chain of plug-ins that exist already: a `Pedalboard`, or a list of effects.

    Raises:
        ChainError: One of them is a file, which it does not tell, or a container.
    """
    data = []
    for number, plugin in enumerate(plugins, start=1):
        effect = type(plugin).__name__
        if effect not in EFFECTS or effect == "Convolution":
            raise ChainError(
                f"{name}, entry {number}: {plugin!r} does not say which file it came from; "
                'name it in a chain: [{"plugin": "/path/of.vst3"}]'
            )
        values = {p.name: _plain(getattr(plugin, p.name)) for p in EFFECTS[effect]}
        data.append({"effect": effect, **values})
    return read_chain(data, name)


def _plain(value: Any) -> Value:
    if hasattr(type(value), "__members__"):
        return str(value.name)
    return value if isinstance(value, bool) else float(value)
