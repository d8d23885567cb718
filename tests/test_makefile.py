"""The commands that the Makefile types are commands that exist, with options that they have."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from streamsep.commands.parser import build_parser, find_commands

ROOT = Path(__file__).resolve().parents[1]


def test_make_demo_types_a_command_that_parses():
    if shutil.which("make") is None:
        pytest.skip("no make on this system")
    dry = subprocess.run(
        ["make", "--dry-run", "demo", "SONG=my song.mp3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (line,) = re.findall(r"bin/streamsep (.*)", dry)
    words = [w.strip('"') for w in re.findall(r'"[^"]*"|\S+', line)]
    parsed = build_parser(find_commands()).parse_args(words)
    assert (parsed.command, parsed.song, parsed.output) == ("demo", "my song.mp3", "demo-out")
