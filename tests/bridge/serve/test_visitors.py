import pytest

from streamsep_bridge import ServeSettings
from streamsep_bridge.serve.visitors import Visitors

VISITORS = Visitors(ServeSettings(hosts=("Studio.example.",), origins=("https://Page.example/",)))


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8765", "127.0.0.1:1", "[::1]:8765", "studio.example:80", "[::0001]"],
)
def test_own_names(host):
    assert VISITORS.is_host([host])


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["evil.example"],
        ["localhost.evil.example"],
        ["localhost:8765", "localhost:8765"],
        ["localhost:8765@evil.example"],
        ["user@localhost"],
        ["127.0.0.1:x"],
        ["192.168.1.7"],
    ],
)
def test_foreign_names(hosts):
    assert not VISITORS.is_host(hosts)


def test_the_address_that_was_called_is_ours():
    assert VISITORS.is_host(["192.168.1.7:8765"], "192.168.1.7")
    assert VISITORS.is_host(["192.168.1.7:8765"], "::ffff:192.168.1.7")


def test_pages():
    host = "localhost:8765"
    assert VISITORS.is_origin([], host)
    assert VISITORS.is_origin(["http://localhost:8765"], host)
    assert VISITORS.is_origin(["https://page.example"], host)
    for other in ("https://localhost:8765", "http://localhost", "null", "http://evil.example", ""):
        assert not VISITORS.is_origin([other], host)
    assert not VISITORS.is_origin(["http://localhost:8765"] * 2, host)
