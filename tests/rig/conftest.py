"""Fixtures of the tests that need a real JACK server."""

import os

import pytest

from rig.jack import JackServer, environment, missing
from streamsep.engine.live.callback import callback_address
from streamsep.engine.live.engine import LiveFormat
from streamsep.engine.live.prepare import prepare_slot
from streamsep.presets import find_preset


@pytest.fixture(scope="session")
def machine_code():
    """Translated once, before any audio process has to wait for it."""
    if missing():
        return
    preset = find_preset("classic")
    prepare_slot(preset, LiveFormat(44100), 256)
    callback_address()


@pytest.fixture
def jack_server(machine_code, monkeypatch, tmp_path):
    """Starts servers: `jack_server(rate, period)`; JACK programs started by the test find the last one."""
    if missing():
        pytest.skip(missing())
    servers = []

    def start(rate=44100, period=256, is_synchronous=True, is_real_time=False):
        name = f"streamsep-{os.getpid()}-{len(servers)}"
        for variable, value in environment(name).items():
            monkeypatch.setenv(variable, value)
        log = tmp_path / f"{name}.log"
        server = JackServer(name, log, rate, period, is_synchronous, is_real_time)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()
