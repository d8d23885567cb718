"""A MIDI controller for the rig tests: `NAME` offers the JACK output `NAME:knobs` and sends what it reads.

It prints a JSON line when its port is there. Every line on standard input is a message as a JSON array;
it ends when its standard input does.
"""

import json
import sys

import rtmidi


def main():
    pad = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=sys.argv[1])
    pad.open_virtual_port("knobs")
    sys.stdout.write(json.dumps({"port": f"{sys.argv[1]}:knobs"}) + "\n")
    sys.stdout.flush()
    for line in sys.stdin:
        pad.send_message(json.loads(line))
    pad.delete()


main()
