"""Patterns mean what the specification says, and none takes long."""

import time

import pytest

from streamsep_bridge.osc.pattern import is_pattern, matches


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/a/b", "/a/b"),
        ("/stem/*/mute", "/stem/vocals/mute"),
        ("/stem/{vocals,drums}/mute", "/stem/drums/mute"),
        ("/stem/b?ss/gain", "/stem/bass/gain"),
        ("/stem/[a-c]ass/*", "/stem/bass/gain_db"),
        ("/stem/[!v]*/mute", "/stem/drums/mute"),
        ("/*/*", "/mix/gain"),
        ("/stem/*o*s/pan", "/stem/vocals/pan"),
        ("/x[-a]y", "/x-y"),
    ],
)
def test_a_pattern_means(pattern, address):
    assert matches(pattern, address)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/a", "/a/b"),
        ("/*", "/a/b"),  # a star ends at a slash
        ("/stem/[!v]*/mute", "/stem/vocals/mute"),
        ("/a?", "/a"),
        ("/a[", "/a["),
        ("/a{b", "/ab"),
        ("/a]", "/a]"),
        ("/[z-a]", "/b"),
        ("", "/a"),
    ],
)
def test_a_pattern_does_not_mean(pattern, address):
    assert not matches(pattern, address)


def test_an_address_is_no_pattern():
    assert not is_pattern("/streamsep/stem/vocals/gain_db")
    assert is_pattern("/streamsep/stem/*/gain_db")


def test_the_worst_pattern_costs_its_length_times_the_address():
    began = time.perf_counter()
    assert not matches("/" + "*a" * 2000, "/" + "a" * 60 + "b")
    assert not matches("/[" + "\x01-\U0010ffff" * 500 + "]" * 2, "/a")
    assert (
        time.perf_counter() - began < 5.0
    )  # followed one way after another it would take for ever
