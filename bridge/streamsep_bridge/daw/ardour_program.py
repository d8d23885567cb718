"""The Ardour that is installed: its Lua shell makes sessions, its settings say how late its ports are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from streamsep_bridge.daw.setup import DawError

VERSIONS = (9, 8, 7)
"""Newest first; 7 is the first whose processors have a latency of the user's."""

MAKE_S = 60.0

_DEFAULT_QUALITY = 17
_QUALITY = re.compile(r'name="port-resampler-quality"\s+value="(\d+)"')


def find_lua() -> tuple[int, str]:
    """Version and path of Ardour's Lua shell.

    Raises:
        DawError: There is none.
    """
    for version in VERSIONS:
        if path := shutil.which(f"ardour{version}-lua"):
            return version, path
    raise DawError("Ardour 7 or newer is not installed; apt install ardour, or see ardour.org")


def run_lua(script: str) -> str:
    """Run a script in Ardour's Lua shell, which has no window and no sound; what it printed.

    Args:
        script: Lua source.

    Raises:
        DawError: There is no Ardour, or it fails.
    """
    _, shell = find_lua()
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "make.lua"
        path.write_text(script, encoding="utf-8")
        # A home of its own: what is made does not depend on the user's settings, nor change them.
        env = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "JACK_NO_START_SERVER": "1"}
        try:
            done = subprocess.run(
                [shell, str(path)], env=env, capture_output=True, text=True, timeout=MAKE_S
            )
        except subprocess.TimeoutExpired:
            raise DawError(f"Ardour made nothing within {MAKE_S:g} s; try again") from None
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise DawError(f"Ardour failed: {words[0] if words else done.returncode}")
    return done.stdout


def port_samples() -> int:
    """Samples that Ardour's ports add on the way out and in: their resamplers for varispeed, if any."""
    version, _ = find_lua()
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    quality = _DEFAULT_QUALITY
    for path in (Path(f"/etc/ardour{version}/system_config"), home / f"ardour{version}" / "config"):
        if path.is_file() and (found := _QUALITY.search(path.read_text(errors="replace"))):
            quality = int(found[1])
    return 2 * max(quality - 1, 0)
