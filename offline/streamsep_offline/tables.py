"""Tables of a recipe made into frozen dataclasses: unknown keys are named, with the key that was meant.

A dataclass's fields are the keys, their defaults the defaults; `number` gives a field the range in which
its value makes sense. A key `low...` and its `high...` are the ends of one range.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, field, fields
from typing import Any, TypeVar

from streamsep.errors import ParameterError

_T = TypeVar("_T")


def number(default: float, least: float = -math.inf, most: float = math.inf) -> Any:
    """A field for a number between `least` and `most`, both included."""
    return field(default=default, metadata={"least": least, "most": most})


def check_numbers(instance: Any, what: str) -> None:
    """Refuse numbers outside their ranges, and ranges whose ends are exchanged.

    Args:
        instance: A dataclass.
        what: Its name for people, "augment 'gain'".

    Raises:
        ParameterError: A value is out of range.
    """
    for each in fields(instance):
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


def from_table(cls: type[_T], table: Mapping[str, Any], what: str) -> _T:
    """A dataclass with a table's values; lists become tuples.

    Args:
        cls: A dataclass.
        table: Values by key.
        what: Name for people, "augment 'gain'".

    Raises:
        ParameterError: A key is unknown, missing, or has a value of another type.
    """
    known = {each.name: each for each in fields(cls) if each.init}  # type: ignore[arg-type]
    values = {}
    for key, value in table.items():
        check_known(key, known, f"{what}: key", "keys")
        values[key] = _fitting(known[key], value, what)
    for name, each in known.items():
        if name not in values and each.default is MISSING and each.default_factory is MISSING:
            raise ParameterError(f"{what} needs the key '{name}'; add it")
    return cls(**values)


def check_known(name: str, known: Collection[str], what: str, plural: str) -> None:
    """Refuse an unknown name, with the one that was probably meant.

    Args:
        name: To look up.
        known: All there are.
        what: What the name is for people, "loss".
        plural: Several of them, "losses".

    Raises:
        ParameterError: It is unknown.
    """
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=1)
    meant = f"did you mean '{close[0]}'? " if close else ""
    raise ParameterError(f"{what} '{name}' is unknown; {meant}{plural}: {', '.join(known)}")


def _fitting(each: Field[Any], value: Any, what: str) -> Any:
    if isinstance(value, list):
        value = tuple(value)
    default = each.default
    if default is MISSING or default is None:
        return value
    kind = type(default)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is float and is_number:
        return float(value)
    if type(value) is not kind:
        raise ParameterError(
            f"{what}: {each.name}={value!r} is no {_NAMES.get(kind, kind.__name__)}; "
            f"write it like {each.name} = {_written(default)}"
        )
    return value


_NAMES = {float: "number", int: "whole number", bool: "true or false", str: "text", tuple: "list"}


def _written(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return repr(list(default) if isinstance(default, tuple) else default)
