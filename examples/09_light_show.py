"""A light show in the terminal: levels and onsets of a running session's stems, as OSC tells them.

    streamsep live --osc                                 (in another terminal)
    python examples/09_light_show.py 127.0.0.1 9000      (until Ctrl-C)

Without arguments nothing is played or separated: for four seconds a server of its own tells the levels of a
song that streamsep composes, whose true stems are known.
"""

import contextlib
import math
import sys
import time

import numpy as np
from pythonosc.osc_packet import OscPacket
from pythonosc.udp_client import SimpleUDPClient

from streamsep.song import compose
from streamsep_bridge import LiveSession, OscServer

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

RENEW_S, FLASH_S, WIDTH, FLOOR_DB = 20.0, 0.12, 40, -48.0


class Composed(LiveSession):
    """A session without sound: its meters follow a composed song's own stems."""

    def __init__(self):
        super().__init__()
        self.song, self.start_s = compose(duration_s=6.0, seed=3), time.monotonic()

    def levels(self):
        """Peak and mean power of the last 50 ms in dBFS, by stem."""
        played = round((time.monotonic() - self.start_s) * self.song.sample_rate)
        now = 1 + played % self.song.stems.shape[-1]
        heard = self.song.stems[..., max(0, now - self.song.sample_rate // 20) : now]
        powers = (np.abs(heard).max(axis=(1, 2)), np.sqrt(np.mean(heard**2, axis=(1, 2))))
        decibels = [20 * np.log10(np.maximum(one, 1e-6)) for one in powers]
        pairs = np.stack(decibels, axis=1).tolist()
        return dict(zip(self.song.targets, map(tuple, pairs), strict=True))


def draw(peaks_db, flashes):
    """One picture: a bar for every stem, white while a stroke is fresh."""
    is_screen = sys.stdout.isatty()
    print("\x1b[H\x1b[2J" if is_screen else "", end="")
    for i, (name, peak_db) in enumerate(peaks_db.items()):
        bar = "#" * round(WIDTH * min(1.0, max(0.0, 1.0 - peak_db / FLOOR_DB)))
        is_lit = time.monotonic() - flashes.get(name, -math.inf) < FLASH_S
        colour = 97 if is_lit else 31 + i % 6
        lit = f"\x1b[{colour}m{bar:{WIDTH}}\x1b[0m" if is_screen else f"{bar:{WIDTH}}"
        print(f"{name:>14} {lit} {'*' if is_lit else ' '}")


with contextlib.ExitStack() as stack, contextlib.suppress(KeyboardInterrupt):
    if sys.argv[1:]:
        host, port, end_s = sys.argv[1], int(sys.argv[2]), math.inf
    else:
        host, port = "127.0.0.1", stack.enter_context(OscServer(Composed(), port=0)).port
        end_s = time.monotonic() + 4.0
    client, peaks_db, flashes, n_onsets, renew_s = SimpleUDPClient(host, port), {}, {}, 0, 0.0
    while (now_s := time.monotonic()) < end_s:
        if now_s > renew_s:
            client.send_message("/streamsep/subscribe", ["/streamsep/{level,onset}", 15.0, 60.0])
            renew_s = now_s + RENEW_S
        packet = client.receive(timeout=1.0)
        if not packet:
            print("no levels are told; does the session play?")
        for one in OscPacket(packet).messages if packet else ():
            kind, _, name = one.message.address.removeprefix("/streamsep/").partition("/")
            if kind == "level" and name not in ("input", "mix"):
                peaks_db[name] = one.message.params[0]
            elif kind == "onset":
                flashes[name], n_onsets = time.monotonic(), n_onsets + 1
        draw(peaks_db, flashes)
    print(f"{n_onsets} onsets")
