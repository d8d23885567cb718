"""Every example runs as it stands, and its docstring is its help."""

import subprocess
import sys
from pathlib import Path

import pytest

from rig.jack import is_thorough

EXAMPLES = sorted((Path(__file__).resolve().parents[1] / "examples").glob("*.py"))

TAKE_LONG = {
    "12_overfit_and_fight_it.py",
    "13_what_latency_costs.py",
    "14_test_time_tricks.py",
    "15_stream_what_was_trained.py",
}
"""Lessons that train or filter for a while: run with RIG=long, else only their help is tried."""

NEED_SOUND = {"04_live_karaoke.py", "08_daw_link.py"}
"""Examples that play through a sound card; of these only the help is tried."""

SHORTER = {} if is_thorough() else {"11_overfit_a_batch.py": ["--steps", "10"]}
"""What makes a lesson short enough to be run always."""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_example_runs_and_helps(path, tmp_path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80
    if path.name not in NEED_SOUND and (is_thorough() or path.name not in TAKE_LONG):
        done = subprocess.run(
            [sys.executable, path, *SHORTER.get(path.name, [])],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
    helped = subprocess.run([sys.executable, path, "--help"], capture_output=True, text=True)
    assert path.name in helped.stderr
