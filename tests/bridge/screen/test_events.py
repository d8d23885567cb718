import json
import math

import pytest

from streamsep_bridge.screen import events as events_module
from streamsep_bridge.screen.events import Events, readable


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(events_module.time, "monotonic", lambda: now[0])
    return now


def written(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_line_is_an_object_that_says_what_it_is(capsys, clock, status, facts):
    events = Events()
    events.tell({"event": "playing", **facts()})
    events.show(status(buffer_ms=None), 1.5)
    events.end(status("stopped", xruns=3, restarts=1), 2.5)
    playing, now, end = written(capsys)
    assert (playing["event"], playing["latency_samples"]) == ("playing", 768)
    assert (now["event"], now["played_s"], now["buffer_ms"]) == ("status", 1.5, None)
    assert now["facts"]["stems"] == ["vocals", "drums", "bass", "other"]
    assert now["peaks_db"]["mix"] == -20.0
    assert end == {
        "event": "ended",
        "played_s": 2.5,
        "xruns": 3,
        "late_hops": 0,
        "late_racks": 0,
        "gaps": 0,
        "overloads": 0,
        "callbacks": 0,
        "restarts": 1,
    }


def test_a_status_every_second(capsys, clock, status):
    events = Events()
    for _ in range(30):
        events.show(status(), 0.0)
        clock[0] += 0.1 + 1e-9
    assert len(written(capsys)) == 3


def test_what_json_does_not_know_is_null():
    assert readable({"a": math.nan, "b": [1], "c": {"d": -math.inf, "e": 0.12345}}) == {
        "a": None,
        "b": [1],
        "c": {"d": None, "e": 0.123},
    }
