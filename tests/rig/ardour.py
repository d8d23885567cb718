"""Ardour without a window, and a control surface that looks at it from beside."""

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from streamsep.errors import StreamsepError
from streamsep_bridge.daw.ardour_program import find_lua
from streamsep_bridge.osc.encode import encode
from streamsep_bridge.osc.packet import decode

SHIM = Path(__file__).parent / "programs" / "no_metadata.c"
WAIT_S = 30.0


def missing():
    """Why Ardour cannot run here; "" where it can."""
    try:
        version, _ = find_lua()
    except StreamsepError as error:
        return str(error)
    if not list(Path(f"/usr/lib/ardour{version}").glob("hardour-*")):
        return "this Ardour has no program without a window (hardour)"
    return "" if shutil.which("gcc") else "gcc not installed (for the shim of JACK's metadata)"


def wait_until(is_so, what):
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.01)


class Ardour:
    """A session that is open; use it with `with`.

    Args:
        folder: Of the session.
        scratch: Folder for its settings and log.
    """

    def __init__(self, folder, scratch):
        self._folder, self._log = folder, scratch / "ardour.log"
        version, _ = find_lua()
        library = Path(f"/usr/lib/ardour{version}")
        self._program = next(library.glob("hardour-*"))
        backends, shim = scratch / "backends", scratch / "shim.so"
        backends.mkdir()
        (backends / "jack.so").symlink_to(library / "backends" / "libjack_audiobackend.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"], check=True)
        self._env = {
            **os.environ,
            "LD_LIBRARY_PATH": str(library),
            "LD_PRELOAD": str(shim),
            "ARDOUR_DATA_PATH": f"/usr/share/ardour{version}",
            "ARDOUR_CONFIG_PATH": f"/etc/ardour{version}",
            "ARDOUR_DLL_PATH": str(library),
            "ARDOUR_SURFACES_PATH": str(library / "surfaces"),
            "ARDOUR_BACKEND_PATH": str(backends),
            "XDG_CONFIG_HOME": str(scratch),
            "HOME": str(scratch),
        }

    def __enter__(self):
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [self._program, self._folder, self._folder.name],
                env=self._env,
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(self, *problem):
        self._process.terminate()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def text(self):
        """The session's file."""
        return (self._folder / f"{self._folder.name}.ardour").read_text()

    def save(self, surface):
        """Have it write its session."""
        before = self.text
        surface.send("/save_state")
        wait_until(lambda: self.text != before and self.text.endswith("</Session>\n"), "not saved")

    def position(self, track):
        """Sample of the session at which the last take of a track begins."""
        ticks = 282240000 // int(re.search(r'sample-rate="(\d+)"', self.text)[1])
        playlist = re.search(rf'<Playlist id="\d+" name="{track}".*?</Playlist>', self.text, re.S)
        return int(re.findall(r'length="a\d+@a(\d+)"', playlist[0])[-1]) // ticks


class Surface:
    """A control surface of its own, as a hand beside: it sends, and sees what Ardour tells.

    Attributes:
        values: Last values of strips, by address and name.
    """

    def __init__(self, port=3819):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._port, self._strips, self.values = port, {}, {}
        self.greet()

    def greet(self):
        """Ask for all there is; returns when it has come."""
        self._strips = {}
        wait_until(self._is_known, "Ardour does not answer")

    def close(self):
        self._socket.close()

    def send(self, address, *arguments):
        self._socket.sendto(encode(address, arguments), ("127.0.0.1", self._port))

    def _is_known(self):
        self.look()
        if not self._strips:
            self.send("/set_surface", 0, 31, 1 + 2 + 16, 0, 0, 0, 0)
            time.sleep(0.1)
        return bool(self._strips)

    def move(self, address, track, value):
        self.look()
        strips = {name: strip for strip, name in self._strips.items()}
        self.send(address, strips[track], float(value))

    def look(self, address="", track=""):
        """The last value, after all that has come."""
        while True:
            try:
                packet = self._socket.recv(65536)
            except OSError:
                return self.values.get((address, track))
            for message in decode(packet):
                if message.address == "/strip/name":
                    self._strips[message.arguments[0]] = message.arguments[1]
                elif message.address.startswith("/strip/") and len(message.arguments) == 2:
                    name = self._strips.get(message.arguments[0])
                    self.values[message.address, name] = message.arguments[1]
