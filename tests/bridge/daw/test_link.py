"""A link between a real session and a stand-in for REAPER that speaks as its documentation says."""

import socket
import time

import pytest

from streamsep_bridge import LiveSession
from streamsep_bridge.daw.link import DawLink
from streamsep_bridge.daw.reaper_link import REFRESH, ReaperLink
from streamsep_bridge.osc.encode import encode
from streamsep_bridge.osc.packet import decode

TRACKS = {"vocals": "Vocals", "drums": "Drums", "bass": "Bass", "other": "Other"}


class Project:
    """Tracks at a UDP port: it obeys, tells every change, and tells all when it is asked to."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.01)
        self.values = {}
        for track in (2, 3, 4, 5):
            self.values |= {f"/track/{track}/{what}": 0.0 for what in ("volume/db", "mute", "solo")}
        self.peer, self.n_heard = None, 0

    def send(self, address, *values):
        self.socket.sendto(encode(address, values), self.peer)

    def move(self, address, value):
        """A hand."""
        self.values[address] = value
        self.send(address, value)

    def obey(self):
        while True:
            try:
                packet, self.peer = self.socket.recvfrom(65536)
            except OSError:
                return
            for message in decode(packet):
                self.n_heard += 1
                if message.arguments == (REFRESH,):
                    for address, value in self.values.items():
                        self.send(address, value)
                elif message.address in self.values:
                    value = message.arguments[0]
                    self.move(message.address, min(value, 12.0))


@pytest.fixture
def project():
    project = Project()
    yield project
    project.socket.close()


@pytest.fixture
def live():
    return LiveSession("classic", stem_outputs=True)


def make_link(live, project):
    dialect = ReaperLink(TRACKS.values(), project.socket.getsockname()[1])
    dialect.own_port = 0
    return DawLink(live, dialect, TRACKS)


def until(project, is_so):
    end = time.monotonic() + 20.0
    while not is_so():
        assert time.monotonic() < end
        project.obey()


def test_faders_go_together_from_both_sides(live, project):
    with make_link(live, project) as link:
        until(project, lambda: link.is_connected)
        live.stems["vocals"].gain_db = -6.0
        until(project, lambda: abs(project.values["/track/2/volume/db"] + 6.0) < 0.02)
        project.move("/track/3/volume/db", -12.0)
        until(project, lambda: live.stems["drums"].gain_db == pytest.approx(-12.0))
        project.move("/track/5/mute", 1.0)
        until(project, lambda: live.stems["other"].mute)
        live.stems["other"].mute = False
        until(project, lambda: project.values["/track/5/mute"] == 0.0)
        assert live.stems["bass"].gain == 1.0
        n_heard = project.n_heard
        for _ in range(30):  # nobody talks when nobody moves
            project.obey()
        assert project.n_heard == n_heard


def test_a_fader_beyond_the_daws_end_comes_back_to_it(live, project):
    with make_link(live, project) as link:
        until(project, lambda: link.is_connected)
        live.stems["vocals"].gain_db = 20.0
        until(project, lambda: live.stems["vocals"].gain_db == pytest.approx(12.0))


def test_at_first_what_was_moved_here_goes_there_and_the_rest_comes_from_there(live, project):
    live.stems["vocals"].gain_db = -20.0
    project.values["/track/2/volume/db"] = -3.0
    project.values["/track/4/volume/db"] = -9.0
    with make_link(live, project):
        until(project, lambda: abs(project.values["/track/2/volume/db"] + 20.0) < 0.02)
        until(project, lambda: live.stems["bass"].gain_db == pytest.approx(-9.0))
    assert live.stems["vocals"].gain_db == pytest.approx(-20.0)


def test_what_the_daw_says_of_its_transport_is_known_and_jumps_are_counted(live, project):
    with make_link(live, project) as link:
        until(project, lambda: link.is_connected)
        project.send("/play", 1.0)
        project.send("/track/2/recarm", 1.0)
        for position in (10.0, 10.1, 3.0):
            project.send("/time", position)
        until(project, lambda: link.n_jumps == 1)
        assert link.playhead.is_rolling
        assert link.armed == {"vocals"}


def test_hostile_packets_are_counted_and_change_nothing(live, project):
    with make_link(live, project) as link:
        until(project, lambda: link.is_connected)
        for packet in (
            b"",
            b"\xff" * 40,
            b"/track/2/volume/db\0\0",
            encode("/time", (float("nan"),)),
        ):
            project.socket.sendto(packet, project.peer)
        project.send("/track/2/volume/db", float("inf"))
        project.send("/track/2/volume/db", 500.0)
        until(project, lambda: link.n_refused >= 5)
        project.send("/unknown", 1.0)
        project.move("/track/3/volume/db", -1.0)
        until(project, lambda: live.stems["drums"].gain_db == pytest.approx(-1.0))
        assert live.stems["vocals"].gain == 1.0
