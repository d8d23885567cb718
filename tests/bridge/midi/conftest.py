"""Real faders without a session, and messages by hand."""

import threading

import pytest

from streamsep_bridge.live.faders import Faders
from streamsep_bridge.midi.touches import Control, Touch

STEMS = ("vocals", "drums", "bass", "other")


class FakeSession:
    """Only the faders and the master of a `LiveSession`."""

    def __init__(self):
        self.stems = Faders(STEMS, 2, threading.RLock())
        self.master = 1.0


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def cc():
    return lambda number, value, channel=1: Touch(Control("cc", channel, number), value)


@pytest.fixture
def note():
    return lambda number, value, channel=1: Touch(Control("note", channel, number), value)


@pytest.fixture(autouse=True)
def config_folder(monkeypatch, tmp_path):
    """Where the user's files are, for this test."""
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_config_dir", lambda name: str(tmp_path / name))
    return tmp_path / "streamsep"
