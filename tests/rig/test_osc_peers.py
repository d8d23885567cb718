"""Other people's programs drive a session and read it: liblo, and with our files Pure Data, SuperCollider.

The session does not play. Its server, and everything between it and the programs, is real.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest
import soundfile

from rig.test_live_command import LIVE, START_S
from signals import music
from streamsep_bridge import LiveSession, OscServer

DAW = Path(__file__).resolve().parents[2] / "bridge" / "daw"

VOCALS = "/streamsep/stem/vocals"


class Levels(LiveSession):
    """A session without sound whose meters stand somewhere."""

    def levels(self):
        return {name: (-10.0, -20.5) for name in ("input", *self.stems, "mix")}


class Program:
    """A program that runs, and the lines that it prints."""

    def __init__(self, command, **options):
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.lines.append(line.strip())

    def says(self, pattern, seconds=60.0):
        """Wait for a line that has it; the match."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in tuple(self.lines):
                if found := re.search(pattern, line):
                    return found
            time.sleep(0.01)
        raise AssertionError(f"no line has {pattern}: {self.lines[-30:]}")

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()


@pytest.fixture
def session():
    return Levels("classic")


@pytest.fixture
def server(session):
    with OscServer(session, port=0) as running:
        yield running


@pytest.fixture
def start():
    """`start(command)`: a program, ended with the test; skips where it is not installed."""
    running = []

    def begin(command, **options):
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed")
        running.append(Program(command, **options))
        return running[-1]

    yield begin
    for program in running:
        program.stop()


@pytest.fixture
def until():
    def wait(is_so, seconds=20.0):
        end = time.monotonic() + seconds
        while not is_so() and time.monotonic() < end:
            time.sleep(0.01)
        assert is_so()

    return wait


@pytest.fixture
def oscsend(server):
    if shutil.which("oscsend") is None:
        pytest.skip("oscsend is not installed")

    def send(*arguments):
        subprocess.run(["oscsend", "127.0.0.1", str(server.port), *arguments], check=True)

    return send


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("f", "-6", -6.0), ("d", "-6.5", -6.5), ("i", "-7", -7.0), ("h", "-8", -8.0)],
)
def test_liblo_moves_a_fader(session, oscsend, until, kind, value, expected):
    oscsend(f"{VOCALS}/gain_db", kind, value)
    until(lambda: session.stems["vocals"].gain_db == pytest.approx(expected))


def test_liblo_switches(session, oscsend, until):
    oscsend(f"{VOCALS}/mute", "T")
    until(lambda: session.stems["vocals"].mute)
    oscsend("/streamsep/stem/*/mute", "i", "0")
    until(lambda: not session.stems["vocals"].mute)
    oscsend("/streamsep/profile", "s", "tight")
    until(lambda: session.model.find().profile == "tight")
    oscsend("/streamsep/panic")
    until(lambda: session.bypass)


def test_liblo_reads_what_is_told(session, server, oscsend, start, until):
    port = free_port()
    ear = start(["stdbuf", "-oL", "oscdump", str(port)])
    until(lambda: is_taken(port))
    oscsend("/streamsep/subscribe", "sfff", "/streamsep", "50", "60", str(port))
    ear.says(rf"{VOCALS}/gain_db f 0\.0+$")
    ear.says(r"/streamsep/level/mix ff -10\.0+ -20\.50*$")
    ear.says(r'/streamsep/status/state s "stopped"')
    session.stems["vocals"].gain_db = -12.0
    ear.says(rf"{VOCALS}/gain_db f -12\.0+")
    oscsend(f"{VOCALS}/mute", "i", "1")  # another port of the same machine is another controller
    ear.says(rf"{VOCALS}/mute i 1")


def test_pure_data_drives_and_reads_with_our_patch(session, server, start, until, tmp_path):
    ears = ["stem/drums/gain_db", "level/vocals", "status/state", "preset"]
    boxes = [f"#X obj 10 {40 * i} r /streamsep/{one}/is" for i, one in enumerate(ears)]
    boxes += [f"#X obj 200 {40 * i} print heard-{one}" for i, one in enumerate(ears)]
    cords = [f"#X connect {i} 0 {i + len(ears)} 0" for i in range(len(ears))]
    ear = tmp_path / "ear.pd"
    ear.write_text("".join(f"{line};\n" for line in ["#N canvas 0 0 400 300 12", *boxes, *cords]))
    sent = [
        f"streamsep-connect 127.0.0.1 {server.port}",
        f"{VOCALS}/gain_db -6.5",
        f"{VOCALS}/mute 1",
        "/streamsep/mix/dry_wet 0.25",
        "/streamsep/profile symbol tight",
    ]
    pd = start(
        ["pd", "-nogui", "-noaudio", "-nomidi", "-noprefs", "-stderr", "-open", str(ear)]
        + ["-open", str(DAW / "streamsep.pd")]
        + [word for one in sent for word in ("-send", one)],
        env=os.environ | {"HOME": str(tmp_path)},
    )
    until(lambda: session.stems["vocals"].gain_db == pytest.approx(-6.5))
    until(lambda: session.stems["vocals"].mute)
    until(lambda: session.mix.dry_wet == 0.25)
    until(lambda: session.model.find().profile == "tight")
    pd.says(r"heard-level/vocals: -10 -20\.5")
    pd.says(r"heard-status/state: stopped")
    pd.says(r"heard-preset: \S+")
    n_heard = server.n_heard
    session.stems["drums"].gain_db = -9.0
    pd.says(r"heard-stem/drums/gain_db: -9$")
    time.sleep(0.2)
    assert server.n_heard == n_heard  # a slider that is told where it is does not say so in turn
    assert server.refusals.total == 0
    assert not [line for line in pd.lines if "couldn't create" in line or "no method" in line]


def test_supercollider_drives_and_reads_with_our_class(session, server, start, until, tmp_path):
    settings, script = tmp_path / "sclang.yaml", tmp_path / "drive.scd"
    settings.write_text(f"includePaths: ['{DAW}']\nexcludePaths: []\npostInlineWarnings: false\n")
    script.write_text(
        f"""(
        x = Streamsep("127.0.0.1", {server.port});
        x.onChange = {{ |address, values| ("told" + address + values).postln }};
        x.listen(50);
        x.gainDb(\\vocals, -6.5);
        x.mute(\\vocals, true);
        x.mixDryWet(0.25, 0.05);
        x.profile("tight");
        x.stems.postln;
        )
        """
    )
    sc = start(
        ["sclang", "-D", "-l", str(settings), str(script)],
        cwd=tmp_path,
        env=os.environ
        | {
            "HOME": str(tmp_path),
            "QT_QPA_PLATFORM": "offscreen",
            "QTWEBENGINE_DISABLE_SANDBOX": "1",
        },
    )
    sc.says(r"\[ vocals, drums, bass, other \]", 120.0)
    until(lambda: session.stems["vocals"].gain_db == pytest.approx(-6.5))
    until(lambda: session.stems["vocals"].mute)
    until(lambda: session.mix.dry_wet == 0.25)
    until(lambda: session.model.find().profile == "tight")
    sc.says(r"told /streamsep/level/vocals \[ -10\.0, -20\.5 \]")
    sc.says(r"told /streamsep/status/state \[ stopped \]")
    session.stems["drums"].gain_db = -9.0
    sc.says(r"told /streamsep/stem/drums/gain_db \[ -9(\.0)? \]")
    assert server.refusals.total == 0


def test_a_playing_session_is_heard_and_asked(jack_server, start, until, tmp_path):
    """All together: a song that plays, liblo as the controller, and what HTTP says of the levels."""
    jack_server(44100, 256)
    song = tmp_path / "song.wav"
    soundfile.write(song, music(3.0).T, 44100, subtype="FLOAT")
    osc, query, ear_port = free_port(), free_port(), free_port()
    ear = start(["stdbuf", "-oL", "oscdump", str(ear_port)])
    options = ["--preset", "classic", "--source", str(song), "--loop", "--json"]
    options += ["--osc", str(osc), "--oscquery", str(query)]
    options += ["--osc-feedback", f"127.0.0.1:{ear_port}"]
    live = start([*LIVE, *options])
    live.says('"event": "playing"', START_S)
    ear.says(r"/streamsep/level/drums ff -\d")
    ear.says(r"/streamsep/onset/drums f \d")

    def mix_db():
        with urllib.request.urlopen(f"http://127.0.0.1:{query}/streamsep/level/mix?VALUE") as reply:
            return json.load(reply)["VALUE"][0]

    until(lambda: mix_db() > -30.0)
    subprocess.run(
        ["oscsend", "127.0.0.1", str(osc), "/streamsep/mix/gain_db", "f", "-120"], check=True
    )
    until(lambda: mix_db() < -60.0)
    assert not [line for line in live.lines if "Traceback" in line]


def free_port():

    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def is_taken(port):
    """Whether somebody listens on a UDP port, as the system lists it."""
    listed = Path("/proc/net/udp").read_text() + Path("/proc/net/udp6").read_text()
    return f":{port:04X} " in listed
