"""Sends hostile OSC packets: `hostile.py PORT N SEED`; prints {} when ready, on a line of input sends them,
then prints how many went out. Random bytes, damaged messages, huge and nested bundles, wrong types, NaN,
infinities, 10^300, bad UTF-8, paths for names, forged subscribers, time tags of 1900 and far ahead.
"""

import json
import random
import socket
import struct
import sys
import time

POOL = 4000
PER_S = 12000.0

STEM = "/streamsep/stem/vocals"
PATHS = ("../../evil", "/etc/passwd", "..\\..\\evil", "a/../../b", "~/x", "C:\\x")
NAMES = (*PATHS, "\x00", "evil\n", "x" * 5000, ".")
NUMBERS = (float("nan"), float("inf"), -float("inf"), 1e300, -1e300, 5e-324, 1e39, -0.0)


def text(value):
    data = value.encode("utf-8", "surrogatepass") + b"\0"
    return data + b"\0" * (-len(data) % 4)


def message(address, types="", *values):
    packet = text(address) + text("," + types)
    for kind, value in zip([k for k in types if k in "ifdhstb"], values, strict=True):
        if kind == "s":
            packet += text(value)
        elif kind == "b":
            packet += struct.pack(">i", len(value)) + value + b"\0" * (-len(value) % 4)
        else:
            packet += struct.pack(
                {"i": ">i", "f": ">f", "d": ">d", "h": ">q", "t": ">Q"}[kind], value
            )
    return packet


def bundle(elements, tag=1):
    return (
        b"#bundle\0"
        + struct.pack(">Q", tag)
        + b"".join(struct.pack(">i", len(one)) + one for one in elements)
    )


def far(rng):
    return rng.choice((0, 2, 1 << 40, (1 << 64) - 1, rng.getrandbits(64), 0xE0000000 << 32))


def damaged(rng, packet):
    packet = bytearray(packet)
    for _ in range(rng.randint(1, 8)):
        packet[rng.randrange(len(packet))] = rng.randrange(256)
    return bytes(packet[: rng.randint(0, len(packet))])


def any_message(rng):
    address = rng.choice(
        (
            f"{STEM}/gain",
            f"{STEM}/gain_db",
            "/streamsep/*/*",
            "/streamsep/stem/{vocals,drums",
            "/streamsep/stem/" + "*a" * 50,
            "/streamsep/nothing",
            "/streamsep/mix/dry_wet",
            "/",
            "/" + "a" * rng.randint(1, 3000),
        )
    )
    if rng.random() < 0.5:
        return message(address, "d", rng.choice(NUMBERS))
    return message(address, "sib", rng.choice(NAMES), rng.getrandbits(31), rng.randbytes(20))


def subscription(rng):
    numbers = (
        rng.choice((50.0, 1e30, -1.0)),
        rng.choice((1.0, 2.0, 1e9)),
        rng.choice((9.0, 7.0, 1e9)),
    )
    return message("/streamsep/subscribe", "sfff", "/streamsep/bypass", *numbers)


def hostile(rng):
    kind = rng.randrange(8)
    if kind == 0:
        return rng.randbytes(rng.randint(0, 200))
    if kind == 1:
        return damaged(rng, bundle([any_message(rng) for _ in range(3)], far(rng)))
    if kind == 2:
        return any_message(rng)
    if kind == 3:
        tag = rng.choice((0, 2, (1 << 64) - 1, 0xE0000000 << 32))
        return bundle([message(f"{STEM}/gain", "d", rng.choice(NUMBERS))] * rng.randint(1, 4), tag)
    if kind == 4:
        action = rng.choice(
            ("scene/store", "scene/recall", "scene/delete", "preset", "profile", "stem_set")
        )
        return message(f"/streamsep/{action}", "s", rng.choice(NAMES))
    if kind == 5:
        return subscription(rng)
    if kind == 6:
        return text("/streamsep/\udcff\udcfe") + text(",s") + b"\xff\xfe\xfd\0"
    packet = any_message(rng)
    for _ in range(rng.choice((1, 3, 30))):
        packet = bundle([packet])
    if rng.random() < 0.02:
        packet = bundle([message(STEM, "f", 1.0)] * rng.choice((250, 1500)))
    return packet


def say(**facts):
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main():
    port, n, seed = (int(one) for one in sys.argv[1:4])
    rng = random.Random(seed)
    pool = [hostile(rng)[:65000] for _ in range(min(n, POOL))]
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    say()
    sys.stdin.readline()
    began = time.monotonic()
    for sent in range(n):
        end.sendto(pool[rng.randrange(len(pool))], ("127.0.0.1", port))
        if sent % 64 == 63:
            time.sleep(max(0.0, began + sent / PER_S - time.monotonic()))
    say(sent=n, seconds=time.monotonic() - began)
    sys.stdin.readline()


main()
