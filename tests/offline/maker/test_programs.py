"""Programs for a journey: they run from the copy, and nothing of a sound server comes along."""

import os
import shutil
import subprocess
import sys

import pytest

from streamsep_offline.maker import gm
from streamsep_offline.maker.programs import pack_programs

TOOLS = ("ldd", "readelf", "gcc")


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        pytest.skip(f"{' and '.join(absent)} not installed")
    folder = tmp_path_factory.mktemp("programs")
    found = pack_programs(folder)
    if not found:
        pytest.skip("neither FluidSynth nor espeak-ng is installed")
    return folder, found


def _run(packed, *command):
    folder, _ = packed
    variables = {"LD_LIBRARY_PATH": str(folder / "lib"), "ESPEAK_DATA_PATH": str(folder)}
    done = subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PLAY = """
from streamsep_offline.maker import gm
from streamsep_offline.maker.notes import Note
print(abs(gm.render([Note(0.1, 0.5, 60.0, 0.8)], 0, 44100)).max() > 0.01)
print([line.split()[-1] for line in open("/proc/self/maps") if ".so" in line])
"""


def test_fluidsynth_plays_without_the_sound_servers_it_was_built_for(packed):
    folder, found = packed
    if "fluidsynth" not in found or not gm.is_available():
        pytest.skip("FluidSynth or its sound font is not installed")
    told = _run(packed, sys.executable, "-W", "ignore", "-c", PLAY)
    assert told.startswith("True")
    for library in ("libfluidsynth", "libglib-2.0", "libasound"):
        assert f"{folder / 'lib' / library}" in told, "from the copy"
        assert f"/usr/lib/x86_64-linux-gnu/{library}" not in told
    for dragged_along in ("libX11", "libsystemd", "libpulsecommon", "libdb-5"):
        assert dragged_along not in told


def test_espeak_speaks_the_same_from_the_copy(packed, tmp_path):
    folder, found = packed
    if "espeak-ng" not in found:
        pytest.skip("espeak-ng is not installed")
    said = []
    for name, program in (("here", "espeak-ng"), ("copy", folder / "bin" / "espeak-ng")):
        wave = tmp_path / f"{name}.wav"
        words = ["-v", "de+m3", "-s", "125", "-w", str(wave), "wir gehen heute"]
        if name == "copy":
            _run(packed, str(program), *words)
        else:
            subprocess.run([program, *words], check=True, capture_output=True)
        said.append(wave.read_bytes())
    assert len(said[0]) > 20_000
    assert said[0] == said[1]


def test_it_is_small_and_says_whose_it_is(packed):
    folder, found = packed
    assert sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) < 25e6
    if shutil.which("dpkg") is not None:
        notes = {path.name for path in (folder / "licences").iterdir()}
        assert any(found[0].removesuffix("-ng") in name for name in notes)
