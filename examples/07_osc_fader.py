"""Move a fader of a running session over OSC, as any program can that sends UDP, and ask where it is.

    streamsep live --osc                                 (in another terminal)
    python examples/07_osc_fader.py 127.0.0.1 9000

Without arguments it moves a fader of a session of its own, which plays nothing.
"""

import contextlib
import sys

from pythonosc.osc_packet import OscPacket
from pythonosc.udp_client import SimpleUDPClient

from streamsep_bridge import LiveSession, OscServer

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

FADER = "/streamsep/stem/vocals/gain_db"

with contextlib.ExitStack() as stack:
    if sys.argv[1:]:
        host, port = sys.argv[1], int(sys.argv[2])
    else:
        host = "127.0.0.1"
        port = stack.enter_context(OscServer(LiveSession(), port=0)).port
    client = SimpleUDPClient(host, port)
    client.send_message(FADER, [-12.0, 2.0])  # -12 dB, in two seconds
    client.send_message(FADER, None)  # without a value it is a question
    packet = client.receive(timeout=5.0)
    if not packet:
        sys.exit(f"nobody answers at {host}:{port}; start: streamsep live --osc")
    answer = OscPacket(packet).messages[0].message
    print(f"{answer.address} goes to {answer.params[0]:.1f} dB")
