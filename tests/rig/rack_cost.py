"""What a rack of eight effects costs: `python -m rig.rack_cost` in `tests/`. Prints a table in Markdown."""

import sys
import time

import numpy as np

from signals import music
from streamsep.engine.live.desk import Desk
from streamsep.engine.live.engine import LiveEngine, LiveFormat
from streamsep.engine.live.program import make_program
from streamsep.engine.live.slot import RING, make_slot
from streamsep.separator import Separator
from streamsep_bridge.rack.board import Board
from streamsep_bridge.rack.chain import read_chain
from streamsep_bridge.rack.rack import Rack

EFFECTS = [
    {"effect": "HighpassFilter"},
    {"effect": "Compressor", "threshold_db": -20, "ratio": 3},
    {"effect": "PeakFilter", "gain_db": 2},
    {"effect": "Chorus"},
    {"effect": "Delay", "delay_seconds": 0.3, "mix": 0.2},
    {"effect": "Reverb"},
    {"effect": "BrickwallLimiter"},
    {"effect": "Gain", "gain_db": 0},
]
RATE, BLOCK = 44100, 256


def clock(work, blocks):
    """Microseconds of every call."""
    taken = []
    for block in blocks:
        start = time.perf_counter()
        work(block)
        taken.append(1e6 * (time.perf_counter() - start))
    return np.array(taken)


def say(what, taken):
    median, p99 = np.median(taken), np.quantile(taken, 0.99)
    share = 100.0 * median / (1e6 * BLOCK / RATE)
    sys.stdout.write(f"| {what} | {median:.0f} | {p99:.0f} | {share:.2f} % |\n")


def main():
    song = music(10.0, RATE)
    song = song[:, : song.shape[1] // BLOCK * BLOCK]
    blocks = [np.ascontiguousarray(b) for b in np.split(song, song.shape[1] // BLOCK, axis=1)]
    sys.stdout.write(f"| {BLOCK} samples, stereo | median us | p99 us | of the block |\n")
    sys.stdout.write("|---|---|---|---|\n")
    for n in (1, 4, 8):
        rack = Rack(Board(read_chain(EFFECTS[:n], "cost")), RATE, block_size=BLOCK)
        say(f"rack of {n} effects, in its process", clock(rack.process, blocks))
    for delays in ((0, 0), (512, 0), (512, 512)):
        separator = Separator.from_preset("classic", sample_rate=RATE, block_size=BLOCK)
        slot = make_slot(make_program(separator.engine), RATE, 2, BLOCK)
        desk, unity = Desk(2, rack_frames=RING), np.tile(np.eye(2), (4, 1, 1))
        engine = LiveEngine(slot, unity, LiveFormat(RATE), desk, delays=delays)
        played = np.zeros((BLOCK, 2), np.float32)

        def callback(block, engine=engine, played=played):
            engine.play_block(np.ascontiguousarray(block.T), played)

        say(f"callback with racks late by {delays}", clock(callback, blocks))


if __name__ == "__main__":
    main()
