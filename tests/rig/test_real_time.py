"""A thread that hogs the GIL and a core under load do not delay the audio: as many gaps as doing nothing has.

The server runs in real time and waits for nobody: a late callback is a gap. Doing nothing is measured in the
same set-up: what it has, the machine has. It takes turns with the profiles, because a machine's load comes
and goes.
"""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rig.jack import is_thorough, may_have_priority
from rig.programs import Program
from streamsep_bridge import LiveSession

SECONDS = 60.0 if is_thorough() else 4.0
N_TURNS = 10 if is_thorough() else 1
SPARE = 2 if is_thorough() else 6
"""Gaps that chance may add on a shared machine, beside twice the root of what doing nothing has; in seconds
beside other tests doing nothing may well have none."""

PROFILES = ("stage", "tight", "instant")

HOG = Path(__file__).parent / "programs" / "hog"
"""A folder whose `sitecustomize` starts a thread that holds the GIL 100 ms at a time."""


@pytest.fixture
def busy_core():
    """A process that never sleeps."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    process.kill()
    process.wait()


@pytest.fixture
def hog_sign(monkeypatch, tmp_path):
    """A file that, while it is there, lets a thread of every program started from now on hog its GIL."""
    path = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{HOG}{os.pathsep}{path}" if path else str(HOG))
    monkeypatch.setenv("HOG_SIGN", str(tmp_path / "hog"))
    return tmp_path / "hog"


def gaps_of_nothing(seconds, sign, language="machine"):
    """Gaps that a do-nothing callback has, in a process whose GIL is hogged too."""
    with Program("nothing.py", seconds, sign, language) as nothing:
        gaps = nothing.result()
    sign.unlink()
    return gaps


def counts_of_live(profile, sign):
    """Gaps and late hops of a session whose process is hogged."""
    for is_last in (True,) if is_thorough() else (False, True):
        sign.unlink(missing_ok=True)
        with LiveSession("classic", profile=profile) as live:
            sign.touch()
            before = live.status()
            assert before.facts["has_priority"]
            live.wait(SECONDS)
            status = live.status()
        # Beside other tests a process may starve until it is taken for dead; not twice.
        if status.restarts == 0 or is_last:
            break
    assert status.restarts == 0
    assert status.callbacks - before.callbacks > 0.9 * SECONDS * 44100 / 256
    return status.xruns - before.xruns, status.late_hops - before.late_hops


@pytest.fixture
def real_time_server(jack_server):
    if not may_have_priority():
        pytest.skip("no real-time priority here (ulimit -r): under load, nothing meets a deadline")
    return jack_server(44100, 256, is_synchronous=False, is_real_time=True)


def test_the_hog_is_heard_in_a_callback_written_in_python(
    real_time_server, hog_sign, record_property
):
    gaps = gaps_of_nothing(SECONDS, hog_sign, "python")["gaps"]
    record_property("gaps", gaps)
    assert gaps > 2 * SPARE


def test_a_hogged_gil_and_a_busy_core_are_not_heard(
    real_time_server, hog_sign, busy_core, record_property
):
    gaps, late = dict.fromkeys(("nothing", *PROFILES), 0), 0
    for _ in range(N_TURNS):
        hog_sign.unlink(missing_ok=True)  # programs do not start under it
        nothing = gaps_of_nothing(SECONDS, hog_sign)
        assert nothing["callbacks"] > 0.9 * SECONDS * 44100 / 256
        gaps["nothing"] += nothing["gaps"]
        for profile in PROFILES:
            found, late_hops = counts_of_live(profile, hog_sign)
            gaps[profile] += found
            late += late_hops
    for what, count in gaps.items():
        record_property(f"gaps, {what}", count)
    record_property("late hops", late)
    assert max(gaps.values()) <= gaps["nothing"] + 2.0 * math.sqrt(gaps["nothing"]) + SPARE
    assert late <= SPARE
