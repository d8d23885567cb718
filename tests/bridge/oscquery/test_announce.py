"""A controller on the same (loopback) network finds both servers by mDNS, with their ports."""

import sys
import time

import pytest

from streamsep.errors import MissingExtraError
from streamsep_bridge.oscquery.announce import Announcement, own_addresses
from streamsep_bridge.oscquery.server import OscQueryServer


def look_up(kind, name, seconds=15.0):
    zeroconf = pytest.importorskip("zeroconf")
    browser = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (found := browser.get_service_info(kind, f"{name}.{kind}", timeout=500)) is not None:
                return found
        return None
    finally:
        browser.close()


def test_both_servers_are_found(osc, request_of):
    pytest.importorskip("zeroconf")
    name = f"streamsep test {osc.port}"
    with OscQueryServer(osc, port=0, announce=True, name=name) as query:
        found = look_up("_oscjson._tcp.local.", name)
        assert query.is_announced
        assert found is not None
        assert (found.port, found.parsed_addresses()) == (query.port, ["127.0.0.1"])
        assert look_up("_osc._udp.local.", name).port == osc.port


def test_on_this_machine_alone_nothing_is_announced_unless_asked_for(osc):
    with OscQueryServer(osc, port=0) as query:
        assert not query.is_announced


def test_a_missing_package_is_named(osc, monkeypatch):
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    with (
        pytest.raises(MissingExtraError, match=r"streamsep\[discover\]"),
        OscQueryServer(osc, port=0, announce=True),
    ):
        pass


def test_addresses_are_those_that_others_reach():
    assert own_addresses("127.0.0.1") == ["127.0.0.1"]
    assert own_addresses("192.0.2.7") == ["192.0.2.7"]
    assert all(one != "0.0.0.0" for one in own_addresses("0.0.0.0"))


def test_the_host_is_one_label():
    host = Announcement("127.0.0.1", 1, 2, "streamsep").host
    assert host == host.lower()
    assert host.count(".") == 1
