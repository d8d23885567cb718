"""Ardour plays your song, its tracks record the stems, and one fader moves both programs.

python examples/08_daw_link.py FOLDER     (JACK or PipeWire runs, and Ardour with the session of
    streamsep daw ardour --session FOLDER --song SONG
is open)
"""

import sys
import time
from pathlib import Path

from streamsep_bridge import LiveSession
from streamsep_bridge.daw.beside import DawBeside
from streamsep_bridge.daw.setup import load_setup

if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
    sys.exit(__doc__)

folder = Path(sys.argv[1]).absolute()
setup = load_setup(folder)
live = LiveSession(
    setup.preset, profile=setup.profile, input="ardour", output="ardour", stem_outputs=True
)
with DawBeside(live, folder, tell=print) as beside, live:
    ardour = beside.link
    while not ardour.is_connected:
        time.sleep(0.1)
    ardour.roll(False)
    live.wait(0.5)
    ardour.locate(0.0)
    live.wait(1.0)  # a fresh model is faded in after the jump
    ardour.arm(True)
    ardour.record(True)
    ardour.roll(True)
    live.wait(4.0)
    live.stems["vocals"].gain_db = -12.0  # Ardour's fader goes along; the takes stay as they are
    live.wait(4.0)
    live.stems["vocals"].gain_db = 0.0
    live.wait(2.0)
    ardour.roll(False)
    print(f"stopped at {ardour.playhead.position_s:.1f} s; the takes lie beside the mixture")
