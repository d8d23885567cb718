"""Tables of a TOML file as dataclasses: every key checked, every mistake told with the remedy.

A dataclass is the schema: its fields are the keys, their types what is expected, their defaults what is
taken where a key is absent. `number` gives a field the range in which its value makes sense, which
`check_numbers` enforces; a key `low...` and its `high...` are the ends of one range.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import sys
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import streamsep_offline
from streamsep.errors import ParameterError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")

_NAMES = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def packaged_files(folder: str) -> dict[str, Path]:
    """TOML files that come with the package, by name.

    Args:
        folder: Theirs, "recipes".
    """
    package = Path(streamsep_offline.__file__).parent
    roots = [package / folder, package.parent / folder]  # of a wheel; of a clone
    return {path.stem: path for root in roots for path in sorted(root.glob("*.toml"))}


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """The tables of a file.

    Args:
        path: Of the file.
        what: It is, for messages.

    Raises:
        ParameterError: It cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ParameterError(f"{what} {path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ParameterError(f"{what} {path} is no TOML ({error}); mend that line") from error


def read_table(kind: type[T], table: Any, where: str) -> T:
    """A dataclass from a table.

    Args:
        kind: A dataclass of numbers, texts, tuples, dictionaries and other dataclasses.
        table: As `tomllib` gives it.
        where: Name of the table, for messages.

    Raises:
        ParameterError: A key is unknown (the nearest is suggested), missing, or of the wrong kind.
    """
    if not isinstance(table, Mapping):
        raise ParameterError(f"{where} is {table!r}, expected a table; write [{where}]")
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in fields:
            raise ParameterError(f"{where} has no key '{key}'; {suggest(key, fields)}")
    values = {}
    for name, field in fields.items():
        if name in table:
            values[name] = _convert(table[name], hints[name], f"{where}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ParameterError(f"{where} lacks the key '{name}'; write {where}.{name} = ...")
    return kind(**values)


def number(default: float, least: float = -math.inf, most: float = math.inf) -> Any:
    """A field for a number between `least` and `most`, both included."""
    return dataclasses.field(default=default, metadata={"least": least, "most": most})


def check_numbers(instance: Any, what: str) -> None:
    """Refuse numbers outside their ranges, and ranges whose ends are exchanged.

    Args:
        instance: A dataclass.
        what: Its name for people, "augment 'gain'".

    Raises:
        ParameterError: A value is out of range.
    """
    for each in dataclasses.fields(instance):
        value = getattr(instance, each.name)
        if "least" in each.metadata:
            least, most = each.metadata["least"], each.metadata["most"]
            if not least <= value <= most:
                raise ParameterError(
                    f"{what}: {each.name}={value} is out of range; use {least:g} to {most:g}"
                )
        if each.name.startswith("low"):
            other = "high" + each.name[3:]
            if value > getattr(instance, other):
                raise ParameterError(
                    f"{what}: {each.name}={value} exceeds {other}={getattr(instance, other)}; "
                    "exchange them"
                )


def check_known(name: str, known: typing.Collection[str], what: str) -> None:
    """Refuse an unknown name, with the one that was probably meant.

    Args:
        name: To look up.
        known: All there are.
        what: What the name is for people, "loss: kind".

    Raises:
        ParameterError: It is unknown.
    """
    if name not in known:
        raise ParameterError(f"{what} '{name}' is unknown; {suggest(name, known)}")


def suggest(word: str, known: typing.Iterable[str]) -> str:
    """What to write instead of an unknown word."""
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1)
    return (f"did you mean '{close[0]}'? " if close else "") + f"there are: {', '.join(known)}"


def _convert(value: Any, hint: Any, where: str) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):  # X | None; TOML has no None, JSON has
        if value is None:
            return None
        return _convert(value, next(one for one in inner if one is not type(None)), where)
    if dataclasses.is_dataclass(hint):
        return read_table(typing.cast(type, hint), value, where)
    if origin is tuple:
        return _convert_list(value, inner, where)
    if origin in (dict, Mapping) or hint is dict:
        if not isinstance(value, Mapping):
            raise ParameterError(f"{where} is {value!r}, expected a table of keys and values")
        return {key: _convert(one, inner[1], f"{where}.{key}") for key, one in value.items()}
    if hint is Any:
        return value
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if hint is float and is_whole:
        return float(value)
    if (hint is int and not is_whole) or not isinstance(value, hint):
        raise ParameterError(f"{where} is {value!r}, expected {_NAMES.get(hint, hint.__name__)}")
    return value


def _convert_list(value: Any, inner: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        example = f'["{value}"]' if inner[0] is str and isinstance(value, str) else "[1, 2]"
        raise ParameterError(f"{where} is {value!r}, expected a list, as in {example}")
    hints = [inner[0]] * len(value) if inner[-1] is ... else list(inner)
    if len(hints) != len(value):
        raise ParameterError(f"{where} has {len(value)} values, expected {len(hints)}")
    return tuple(
        _convert(one, hint, f"{where}[{i}]")
        for i, (one, hint) in enumerate(zip(value, hints, strict=True))
    )
