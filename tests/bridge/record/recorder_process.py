"""A recorder alone in a process: takes an order as JSON, records until "stop", tells what it hears."""

import json
import resource
import signal
import sys
import time
from pathlib import Path

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.memory import IS_RECORDING
from streamsep_bridge.live.memory_file import open_memory
from streamsep_bridge.record.recorder import Recorder


def say(**facts):
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main():
    order = json.loads(sys.argv[1])
    if order["file_limit"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limits = (order["file_limit"], resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    desk = Desk(2, order["ring"], memoryview(open_memory(Path(order["memory"]))))
    recorder = Recorder(
        order["folder"],
        tuple(order["stems"]),
        44100,
        2,
        order["format"],
        on_trouble=lambda t: say(says=t.kind, reason=t.reason, n_frames=t.n_frames),
    )
    recorder.attach(desk)
    recorder.start("take")
    while not desk.counts[IS_RECORDING]:
        time.sleep(0.005)
    say(says="recording")
    sys.stdin.readline()
    is_complete = recorder.stop(timeout_s=10.0)
    status = recorder.status()
    say(
        says=status.state,
        is_complete=is_complete,
        n_frames=status.n_frames,
        n_lost=status.n_lost,
    )


main()
