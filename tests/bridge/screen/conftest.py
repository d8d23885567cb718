"""A session that plays nothing, and statuses by hand."""

import threading

import pytest

from streamsep_bridge.live.faders import Faders
from streamsep_bridge.live.status import Status

STEMS = ("vocals", "drums", "bass", "other")


class FakeSession:
    """Stands in for `LiveSession`: real faders, and a state that the test sets."""

    def __init__(self):
        self.stems = Faders(STEMS, 2, threading.RLock())
        self.bypass = False
        self.source = None
        self.now = Status("starting", "", {})
        self.changes, self.listeners = [], []
        self.refusal = None
        self.is_started = self.is_stopped = False

    def start(self, timeout_s):
        self.is_started = True

    def stop(self):
        self.is_stopped = True
        self.tell("stopped")

    def status(self):
        return self.now

    def listen(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self, event, **facts):
        for listener in tuple(self.listeners):
            listener({"event": event, **facts})

    def change(self, **choice):
        self.changes.append(choice)
        if self.refusal:
            raise self.refusal


def make_facts(**other):
    return {
        "preset": "classic",
        "profile": "stage",
        "stems": list(STEMS),
        "latency_samples": 768,
        "is_inline": True,
        "hop_ms": 0.25,
        "engine": "compiled",
        "has_priority": True,
        "is_native": True,
        "input": "Scarlett",
        "output": "system",
        "api": "JACK",
        "sample_rate": 44100,
        "block_size": 256,
        "buffer_ms": 5.8,
        "intake_ms": 0.0,
        **other,
    }


def make_status(state="playing", reason="", facts=None, level_db=-20.0, **other):
    """A status whose levels are all the same."""
    names = ("input", *STEMS, "mix")
    facts = make_facts(**(facts or {})) if state == "playing" else {}
    levels = dict.fromkeys(names, level_db) if facts else {}
    values = {
        "latency_ms": 17.4,
        "buffer_ms": 5.8,
        "peaks_db": levels,
        "rms_db": {name: level - 10.0 for name, level in levels.items()},
    }
    return Status(state, reason, facts, **(values | other))


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def facts():
    return make_facts


@pytest.fixture
def status():
    return make_status
