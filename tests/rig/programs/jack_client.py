"""A JACK program for the rig tests: `play FILE.npy` or `record SECONDS FILE.npy`, in a process of its own.

It prints one JSON line when its ports are there, waits for a line on standard input, plays or records, and
prints the frame time of its first sample, when it begins and when it is done, so that what was played and
what was recorded can be compared to the sample.
"""

import argparse
import json
import sys
import threading

import jack
import numpy as np


def say(**facts):
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("play", "record"))
    parser.add_argument("name")
    parser.add_argument("channels", type=int)
    parser.add_argument("file")
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    client = jack.Client(arguments.name, no_start_server=True)
    if arguments.what == "play":
        ports = [client.outports.register(f"out_{i}") for i in range(arguments.channels)]
        sound = np.load(arguments.file)
    else:
        ports = [client.inports.register(f"in_{i}") for i in range(arguments.channels)]
        n = round(arguments.seconds * client.samplerate)
        sound = np.zeros((arguments.channels, n), np.float32)
    go, begun, done = threading.Event(), threading.Event(), threading.Event()
    at, start, xruns = [0], [None], [0]

    @client.set_process_callback
    def process(frames):
        position = at[0]
        running = go.is_set() and not done.is_set()
        n = max(0, min(frames, sound.shape[1] - position)) if running else 0
        if running and start[0] is None:
            start[0] = client.last_frame_time
            begun.set()
        for port, row in zip(ports, sound, strict=True):
            block = port.get_array()
            if arguments.what == "play":
                block[:n] = row[position : position + n]
                block[n:] = 0.0
            else:
                row[position : position + n] = block[:n]
        at[0] = position + n
        if running and at[0] == sound.shape[1]:
            done.set()

    @client.set_xrun_callback
    def xrun(delay):
        xruns[0] += 1

    with client:
        say(rate=client.samplerate, block=client.blocksize)
        sys.stdin.readline()
        go.set()
        begun.wait()
        say(start=start[0])
        done.wait()
        if arguments.what == "record":
            np.save(arguments.file, sound)
        say(start=start[0], xruns=xruns[0])
        sys.stdin.readline()


main()
