"""A real session that does not play, its OSC server, and a controller at a socket of its own."""

import socket
import time

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from streamsep_bridge import LiveSession
from streamsep_bridge.osc.packet import decode
from streamsep_bridge.osc.server import OscServer


class Controller:
    """Sends from a UDP port, and reads what comes to it."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.05)
        self.server = ("127.0.0.1", port)
        self.heard = []

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def send(self, address, *values):
        builder = OscMessageBuilder(address)
        for value in values:
            builder.add_arg(value)
        self.send_raw(builder.build().dgram)

    def send_raw(self, packet):
        self.socket.sendto(packet, self.server)

    def hear(self, is_enough, seconds=5.0):
        """Read until it is enough; what came: (address, arguments)."""
        came, end = [], time.monotonic() + seconds
        while not is_enough(came) and time.monotonic() < end:
            try:
                packet = self.socket.recv(65536)
            except TimeoutError:
                continue
            came += [(one.address, one.arguments) for one in decode(packet)]
        return came

    def hear_value(self, address, seconds=5.0):
        """The next values of an address."""
        came = self.hear(lambda all_: any(one[0] == address for one in all_), seconds)
        return next(values for name, values in came if name == address)

    def ask(self, address):
        self.send(address)
        return self.hear_value(address)


def wait_until(is_so, seconds=5.0):
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.005)
    assert is_so()


@pytest.fixture
def session():
    return LiveSession("classic")


@pytest.fixture
def make_server(session):
    opened = []

    def make(**options):
        server = OscServer(session, port=0, **options)
        opened.append(server.__enter__())
        return server

    yield make
    for server in opened:
        server.__exit__(None, None, None)


@pytest.fixture
def server(make_server):
    return make_server()


@pytest.fixture
def make_controller():
    made = []

    def make(server):
        made.append(Controller(server.port))
        return made[-1]

    yield make
    for controller in made:
        controller.socket.close()


@pytest.fixture
def controller(server, make_controller):
    return make_controller(server)


@pytest.fixture
def until():
    return wait_until
