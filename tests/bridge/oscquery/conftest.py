"""An OSCQuery server of a real session that does not play, and a way to ask it."""

import http.client
import json

import pytest

from streamsep_bridge import LiveSession
from streamsep_bridge.osc.server import OscServer
from streamsep_bridge.oscquery.server import OscQueryServer
from streamsep_bridge.scenes.scenes import Scenes


@pytest.fixture
def session():
    return LiveSession("classic")


@pytest.fixture
def osc(session, tmp_path):
    with OscServer(session, port=0, scenes=Scenes(session, tmp_path)) as server:
        yield server


@pytest.fixture
def query(osc):
    with OscQueryServer(osc, port=0) as server:
        yield server


@pytest.fixture
def request_of(query):
    """`request_of(target, method, **headers)`: status and body."""

    def ask(target, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", query.port, timeout=10)
        try:
            connection.request(method, target, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    return ask


@pytest.fixture
def ask(request_of):
    """JSON of what is there."""

    def found(target):
        status, body = request_of(target)
        assert status == 200, body
        return json.loads(body)

    return found
