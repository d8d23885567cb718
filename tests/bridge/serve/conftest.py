"""A server for all tests, and what a `Separator` makes of the same music."""

import numpy as np
import pytest

from signals import music
from streamsep import Separator
from streamsep_bridge import ServeSettings, StreamServer

PRESET = "classic"


@pytest.fixture(scope="session")
def server():
    """Limits are short, and the speed high, so that tests take no time."""
    settings = ServeSettings(
        port=0,
        max_streams=8,
        max_per_address=12,
        max_speed=50.0,
        hello_s=2.0,
        idle_s=3.0,
        stall_s=3.0,
        drain_s=1.0,
        max_message_bytes=1 << 17,
    )
    with StreamServer(PRESET, settings=settings) as running:
        yield running


@pytest.fixture(scope="session")
def song():
    return music(1.0, seed=3)


@pytest.fixture(scope="session")
def expected(song):
    """Stems of the song with the tail, for a client that promises nothing."""
    separator = Separator.from_preset(PRESET)
    return np.concatenate([separator.process(song), separator.flush()], axis=-1)
