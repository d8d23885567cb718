"""The options of `live` for OSC start what they name, or say what is missing."""

import argparse
import contextlib
import json
import socket
import urllib.request

import pytest

from streamsep.errors import ParameterError
from streamsep_bridge import LiveSession
from streamsep_bridge.commands.osc import add_osc_options, driven_by_osc
from streamsep_bridge.screen.face import Face


class Lines(Face):
    def __init__(self):
        self.told = []

    def tell(self, event):
        self.told.append(event["text"])


def parse(*options):
    parser = argparse.ArgumentParser()
    add_osc_options(parser)
    return parser.parse_args(options)


def free_port():
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_both_servers_are_started_and_told_of():
    osc, query, face = free_port(), free_port(), Lines()
    options = parse("--osc", str(osc), "--oscquery", str(query))
    with (
        driven_by_osc(LiveSession("classic"), None, options, face),
        urllib.request.urlopen(f"http://127.0.0.1:{query}/?HOST_INFO", timeout=10) as answer,
    ):
        assert json.load(answer)["OSC_PORT"] == osc
    assert face.told == [f"OSC at 127.0.0.1, port {osc}; OSCQuery at port {query}"]


@pytest.mark.parametrize(
    ("options", "missing"),
    [(("--oscquery",), "--osc;"), (("--osc", "--announce"), "--oscquery;")],
)
def test_an_option_without_the_one_it_needs(options, missing):
    with (
        pytest.raises(ParameterError, match=missing),
        driven_by_osc(LiveSession("classic"), None, parse(*options), Lines()),
    ):
        pass
