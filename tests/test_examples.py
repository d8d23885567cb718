"""Every example runs as it stands, and its docstring is its help."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[1] / "examples").glob("*.py"))

NEED_SOUND = {"04_live_karaoke.py", "08_daw_link.py"}
"""Examples that play through a sound card; of these only the help is tried."""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_example_runs_and_helps(path, tmp_path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80
    if path.name not in NEED_SOUND:
        done = subprocess.run(
            [sys.executable, path], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
    helped = subprocess.run([sys.executable, path, "--help"], capture_output=True, text=True)
    assert path.name in helped.stderr
