from dataclasses import dataclass, field

import pytest

from streamsep.errors import ParameterError
from streamsep_offline.tables import check_known, check_numbers, number, read_table


@dataclass(frozen=True)
class Inner:
    steps: int
    rates: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outer:
    name: str
    share: float = 0.5
    sizes: tuple[int, ...] = ()
    pair: tuple[float, float] = (0.0, 1.0)
    local: tuple[int, int] | None = None
    parts: tuple[Inner, ...] = ()


def test_a_table_fills_a_dataclass():
    table = {
        "name": "x",
        "share": 1,
        "sizes": [1, 2],
        "pair": [3, 4.5],
        "local": [40, 24],
        "parts": [{"steps": 3, "rates": {"all": 1}}],
    }
    expected = Outer("x", 1.0, (1, 2), (3.0, 4.5), (40, 24), (Inner(3, {"all": 1.0}),))
    assert read_table(Outer, table, "t") == expected
    assert read_table(Outer, {"name": "x", "local": None}, "t") == Outer("x")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "t lacks the key 'name'"),
        ({"name": "x", "shar": 1}, "no key 'shar'; did you mean 'share'"),
        ({"name": 3}, "t.name is 3, expected a text"),
        ({"name": "x", "share": "much"}, "t.share is 'much', expected a number"),
        ({"name": "x", "share": True}, "expected a number"),
        ({"name": "x", "sizes": [1.5]}, r"t.sizes\[0\] is 1.5, expected a whole number"),
        ({"name": "x", "pair": [1]}, "has 1 values, expected 2"),
        ({"name": "x", "sizes": 3}, "expected a list"),
        (
            {"name": "x", "parts": [{"step": 1}]},
            r"t.parts\[0\] has no key 'step'; did you mean 'steps'",
        ),
        ({"name": "x", "parts": [3]}, "expected a table"),
        ([1], "t is .*, expected a table"),
    ],
)
def test_what_does_not_fit_is_told_with_the_remedy(table, message):
    with pytest.raises(ParameterError, match=message):
        read_table(Outer, table, "t")


@dataclass(frozen=True)
class Range:
    width: float = number(1.0, 0.0, 2.0)
    low_hz: float = 1.0
    high_hz: float = 2.0


@pytest.mark.parametrize("width", [-0.1, 2.1, float("nan")])
def test_numbers_stay_in_their_range(width):
    with pytest.raises(ParameterError, match="use 0 to 2"):
        check_numbers(Range(width), "thing")


def test_exchanged_ends_are_named():
    with pytest.raises(ParameterError, match=r"low_hz=3 exceeds high_hz=2.0; exchange them"):
        check_numbers(Range(low_hz=3), "thing")


def test_a_name_nothing_resembles_gets_the_list():
    with pytest.raises(ParameterError, match="loss 'zzz' is unknown; there are: a, b"):
        check_known("zzz", ["a", "b"], "loss")
