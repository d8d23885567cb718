import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamsep.engine.live.desk import Desk, n_bytes
from streamsep.engine.live.engine import LiveEngine, LiveFormat
from streamsep.engine.live.program import make_program
from streamsep.engine.live.slot import make_slot
from streamsep.separator import Separator
from streamsep_bridge.live.memory_file import create_memory


class Player:
    """A live path that is played by hand, and what its recorder has to hold."""

    def __init__(
        self, rate=44100, channels=2, block=256, ring=65536, memory=None, preset="classic"
    ):
        self.rate, self.channels, self.block, self.ring = rate, channels, block, ring
        self.separator = self.separator_of(preset)
        self.names = self.separator.stems
        self.desk = Desk(channels, ring, memory)
        audio = LiveFormat(rate, channels, channels)
        unity = self.unity(len(self.names))
        self.engine = LiveEngine(self.slot(self.separator), unity, audio, self.desk)

    def separator_of(self, preset):
        return Separator.from_preset(
            preset, sample_rate=self.rate, channels=self.channels, block_size=self.block
        )

    def slot(self, separator):
        return make_slot(make_program(separator.engine), self.rate, self.channels, self.block)

    def unity(self, stems):
        return np.tile(np.eye(self.channels), (stems, 1, 1))

    def play(self, mixture, before_block=lambda start: None):
        """[channels, n] -> [channels, n], block by block."""
        played = np.zeros(mixture.T.shape, np.float32)
        for start in range(0, mixture.shape[1], self.block):
            before_block(start)
            block = np.ascontiguousarray(mixture[:, start : start + self.block].T)
            self.engine.play_block(block, played[start : start + self.block])
        return played.T

    def expected(self, mixture, played):
        """What the files hold, by name, each [channels, n]."""
        self.separator.reset()
        n, late = self.block, self.separator.latency_samples
        blocks = range(0, mixture.shape[1], n)
        parts = [self.separator.process(mixture[:, start : start + n]) for start in blocks]
        stems = dict(zip(self.names, np.concatenate(parts, axis=-1), strict=True))
        delayed = np.pad(mixture, ((0, 0), (late, 0)))[:, : mixture.shape[1]]
        return {"input": delayed, **stems, "mix": played}


def read(path, rate=44100):
    """float32 [channels, n], of just this rate."""
    samples, its_rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert its_rate == rate
    return samples.T


class Child:
    """A recorder in a process of its own, and a player here, over shared memory."""

    def __init__(self, folder, form="wav", ring=65536, file_limit=0, block=256):
        path, memory = create_memory(n_bytes(2, ring))
        self.player = Player(block=block, ring=ring, memory=memoryview(memory))
        order = {
            "memory": str(path),
            "ring": ring,
            "folder": str(folder),
            "stems": self.player.names,
            "format": form,
            "file_limit": file_limit,
        }
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "recorder_process.py"), json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.hear() == {"says": "recording"}
        path.unlink()

    def hear(self):
        """The next message."""
        return json.loads(self.process.stdout.readline())

    def stop(self):
        """Messages until the end."""
        self.process.stdin.write("stop\n")
        self.process.stdin.flush()
        return [json.loads(line) for line in self.process.stdout]


@pytest.fixture
def child(tmp_path):
    """Makes a `Child`; none survives the test."""
    children = []

    def make(**options):
        children.append(Child(tmp_path, **options))
        return children[-1]

    yield make
    for made in children:
        made.process.kill()
        made.process.communicate()


@pytest.fixture(scope="session")
def player():
    return Player


@pytest.fixture(scope="session")
def read_file():
    return read


@pytest.fixture(scope="session")
def wait_until():
    def wait(is_so, timeout_s=20.0):
        end = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.005)

    return wait
