"""Packets as python-osc writes them are read back; whatever else comes is refused soon."""

import contextlib
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from streamsep_bridge.osc.packet import MAX_DEPTH, MAX_MESSAGES, NOW, PacketError, decode


def message(address, *arguments):
    builder = OscMessageBuilder(address)
    for value, kind in arguments:
        builder.add_arg(value, kind)
    return builder.build().dgram


def bundle(*elements, tag=NOW):
    packet = b"#bundle\0" + struct.pack(">Q", tag)
    return packet + b"".join(struct.pack(">i", len(one)) + one for one in elements)


def test_every_type_of_argument():
    packet = message(
        "/a/b", (7, "i"), (0.5, "f"), ("süß", "s"), (b"blob!", "b"), (1 << 40, "h"), (0.1, "d")
    )
    (read,) = decode(packet)
    assert read.address == "/a/b"
    assert read.arguments == (7, 0.5, "süß", b"blob!", 1 << 40, 0.1)
    assert read.tag == NOW
    (constants,) = decode(b"/c\0\0,TFNI\0\0\0")
    assert constants.arguments == (True, False, None, True)
    (nested,) = decode(b"/n\0\0,i[i[i]]\0\0\0\0" + struct.pack(">iii", 1, 2, 3))
    assert nested.arguments == (1, [2, [3]])


def test_a_message_without_types_has_no_arguments():
    assert decode(b"/abc\0\0\0\0")[0].arguments == ()


def test_bundles_give_their_tag_to_all_and_never_an_earlier_one():
    one, two = message("/one"), message("/two")
    read = decode(bundle(one, bundle(two, tag=50 << 32), tag=100 << 32))
    assert [(m.address, m.tag) for m in read] == [("/one", 100 << 32), ("/two", 100 << 32)]
    builder = OscBundleBuilder(0)
    builder.add_content(OscMessageBuilder("/x").build())
    assert decode(builder.build().dgram)[0].tag == NOW


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"/a",
        b"abcd",
        b"/a\0\0i\0\0\0",
        b"/a\0\0,i\0\0",
        b"/a\0\0,q\0\0",
        b"/a\0\0,]\0\0",
        b"/a\0\0,[\0\0",
        b"/\xff\xfe\0,\0\0\0",
        b"/a\0\0,b\0\0" + struct.pack(">i", -1),
        b"/a\0\0,b\0\0" + struct.pack(">i", 1 << 30),
        b"#bundle\0",
        bundle(message("/a"))[:-4],
        b"#bundle\0" + struct.pack(">Qi", 1, -4),
        b"#bundle\0" + struct.pack(">Qi", 1, 0),
        bundle(*[message("/a")] * (MAX_MESSAGES + 1)),
        b"/a\0\0," + b"T" * 4094 + b"\0",
    ],
)
def test_what_is_no_osc_is_refused(packet):
    with pytest.raises(PacketError):
        decode(packet)


def test_bundles_in_bundles_end_somewhere():
    packet = message("/deep")
    for _ in range(MAX_DEPTH + 1):
        packet = bundle(packet)
    with pytest.raises(PacketError, match="deep"):
        decode(packet)
    for _ in range(1000):
        packet = bundle(packet)
    with pytest.raises(PacketError, match="deep"):
        decode(packet)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(PacketError):
        decode(data)


def test_damaged_packets_are_read_or_refused():
    rng = random.Random(1)
    whole = bundle(message("/a/b", (1.0, "f"), ("name", "s"), (b"123", "b")), bundle(message("/c")))
    for _ in range(3000):
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with contextlib.suppress(PacketError):
            decode(bytes(damaged[: rng.randint(0, len(damaged))]))
