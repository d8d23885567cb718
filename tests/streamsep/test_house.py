"""The house itself: what is documented exists, what is collected is named, nothing imports too much."""

import subprocess
import sys
from pathlib import Path

import streamsep

ROOT = Path(__file__).resolve().parents[2]


def test_every_public_name_loads():
    for name in streamsep.__all__:
        assert getattr(streamsep, name) is not None


def test_importing_is_light_and_silent():
    code = (
        "import sys, streamsep\n"
        "heavy = {'torch', 'numba', 'matplotlib', 'sounddevice', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""


def test_every_test_file_would_be_collected():
    helpers = {
        "contract.py",
        "cue_models.py",
        "signals.py",
        "layouts_on_disk.py",
        "jack.py",
        "soak.py",
        "rack_cost.py",
        "serve_client.py",
        "serve_load.py",
        "browser.py",
        "conftest.py",
        "__init__.py",
    }
    # Programs that tests start.
    helpers |= {"jack_client.py", "jack_loop.py", "midi_pad.py", "nothing.py", "sitecustomize.py"}
    helpers |= {"recorder_process.py", "hostile.py", "ardour.py", "killed.py"}
    for path in (ROOT / "tests").rglob("*.py"):
        assert path.name.startswith("test_") or path.name in helpers, path


def test_no_file_has_grown_past_one_sitting():
    for package in ("streamsep", "bridge", "offline"):
        for path in (ROOT / package).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 280, path
