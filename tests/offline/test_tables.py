from dataclasses import dataclass

import pytest

from streamsep.errors import ParameterError
from streamsep_offline.tables import check_known, check_numbers, from_table, number


@dataclass(frozen=True)
class Thing:
    needed: str
    width: float = number(1.0, 0.0, 2.0)
    is_new: bool = False
    names: tuple[str, ...] = ("a",)


def test_values_are_taken_and_the_rest_has_its_default():
    thing = from_table(Thing, {"needed": "x", "width": 2, "names": ["b", "c"]}, "thing")
    assert thing == Thing("x", 2.0, False, ("b", "c"))
    assert type(thing.width) is float


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "thing needs the key 'needed'"),
        ({"needed": "x", "widht": 1.0}, "did you mean 'width'"),
        ({"needed": "x", "width": "1"}, "is no number; write it like width = 1.0"),
        ({"needed": "x", "width": True}, "is no number"),
        ({"needed": "x", "is_new": 1}, "is no true or false; write it like is_new = false"),
        ({"needed": "x", "names": "a"}, r"is no list; write it like names = \['a'\]"),
    ],
)
def test_mistakes_are_named(table, words):
    with pytest.raises(ParameterError, match=words):
        from_table(Thing, table, "thing")


@pytest.mark.parametrize("width", [-0.1, 2.1, float("nan")])
def test_numbers_stay_in_their_range(width):
    with pytest.raises(ParameterError, match="use 0 to 2"):
        check_numbers(Thing("x", width), "thing")


def test_a_name_nothing_resembles_gets_the_list():
    with pytest.raises(ParameterError, match="loss 'zzz' is unknown; losses: a, b"):
        check_known("zzz", ["a", "b"], "loss", "losses")
