"""Sing over what your sound card hears: the vocals leave slowly, the drums stand alone, all is back.

python examples/04_live_karaoke.py [INPUT [OUTPUT]]     (names as `streamsep devices` lists them)
"""

import sys

from streamsep_bridge import LiveSession

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

devices = dict(zip(("input", "output"), sys.argv[1:3], strict=False))
with LiveSession(**devices) as live:
    status = live.status()
    print(f"{status.facts['preset']} on {status.facts['output']}, {status.latency_ms:.1f} ms late")
    live.stems.move("vocals", ramp_s=8.0, gain_db=-60)
    live.wait(10)
    live.stems["drums"].solo = True
    live.wait(5)
    live.stems["drums"].solo = False
    live.stems.move("vocals", ramp_s=2.0, gain_db=0)
    live.wait(3)
    status = live.status()
    print(f"load {100 * status.load_p99:.0f} %, {status.xruns} gaps, {status.late_hops} late hops")
