"""A JACK program for the rig tests: `NAME DELAY` returns on out_0 what comes to in_0, so many samples later.

It prints a JSON line when its ports are there, and ends when its standard input does.
"""

import argparse
import json
import sys

import jack
import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("delay", type=int)
    arguments = parser.parse_args()
    client = jack.Client(arguments.name, no_start_server=True)
    heard, returned = client.inports.register("in_0"), client.outports.register("out_0")
    waiting = [np.zeros(arguments.delay, np.float32)]

    @client.set_process_callback
    def process(frames):
        line = np.concatenate([waiting[0], heard.get_array()])
        returned.get_array()[:] = line[:frames]
        waiting[0] = line[frames:]

    with client:
        sys.stdout.write(json.dumps({"rate": client.samplerate}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


main()
