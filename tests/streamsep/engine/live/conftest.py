import numpy as np
import pytest

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.engine import LiveEngine, LiveFormat
from streamsep.engine.live.program import make_program
from streamsep.engine.live.slot import make_slot
from streamsep.separator import Separator


class Rig:
    """A live path that is played by hand, and the separator it has to equal."""

    def __init__(
        self,
        preset="classic",
        rate=44100,
        channels=2,
        block=256,
        reserve=None,
        delays=(0, 0),
        **audio,
    ):
        self.rate, self.channels, self.block, self.reserve = rate, channels, block, reserve
        self.separator = self.separator_of(preset)
        self.desk = Desk(channels, record_frames=8192, rack_frames=any(delays) and 1 << 15)
        stems = len(self.separator.stems)
        n_outputs = stems * channels if audio.get("has_stem_outputs") else channels
        audio = LiveFormat(rate, channels, n_outputs, **audio)
        slot = self.slot(self.separator)
        self.engine = LiveEngine(slot, self.unity(stems), audio, self.desk, delays=delays)

    def separator_of(self, preset):
        return Separator.from_preset(
            preset, sample_rate=self.rate, channels=self.channels, block_size=self.block
        )

    def slot(self, separator):
        program = make_program(separator.engine)
        return make_slot(program, self.rate, self.channels, self.block, self.reserve)

    def unity(self, stems):
        return np.tile(np.eye(self.channels), (stems, 1, 1))

    def play(self, mixture, before_block=lambda start: None):
        """[channels, n] -> [outputs, n], block by block."""
        played = np.zeros((mixture.shape[1], self.engine.audio.n_outputs), np.float32)
        for start in range(0, mixture.shape[1], self.block):
            before_block(start)
            block = np.ascontiguousarray(mixture[:, start : start + self.block].T)
            self.engine.play_block(block, played[start : start + self.block])
        return played.T

    def stems(self, mixture):
        """The same by the separator. [stems, channels, n]"""
        self.separator.reset()
        n = self.block
        blocks = range(0, mixture.shape[1], n)
        parts = [self.separator.process(mixture[:, start : start + n]) for start in blocks]
        return np.concatenate(parts, axis=-1)


@pytest.fixture(scope="session")
def rig():
    return Rig
