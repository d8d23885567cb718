"""A rack is as late as it says, to the sample, and lets the sound go on where its chain fails."""

import numpy as np
import pytest

from signals import music
from streamsep.errors import BlockSizeError, ParameterError
from streamsep_bridge.rack.board import Board
from streamsep_bridge.rack.chain import read_chain
from streamsep_bridge.rack.latency import measure_latency
from streamsep_bridge.rack.rack import Rack

MUSIC = music(1.0)[:, : 44100 // 256 * 256]


def play(rack, mixture, n=256):
    return np.concatenate(
        [rack.process(mixture[:, at : at + n]) for at in range(0, mixture.shape[1], n)], axis=1
    )


def late(mixture, n):
    return np.pad(mixture, ((0, 0), (n, 0)))[:, : mixture.shape[1]]


def jump(samples):
    return float(np.abs(np.diff(samples, axis=-1)).max())


@pytest.mark.parametrize("owed", [0, 1, 255, 480, 5000])
def test_what_is_held_back_is_the_latency(delayed, owed):
    rack = Rack(delayed(owed), 44100)
    assert rack.latency_samples == owed
    assert np.array_equal(play(rack, MUSIC), late(MUSIC, owed))
    rack.reset()
    assert np.array_equal(play(rack, MUSIC), late(MUSIC, owed))


def test_a_stream_is_the_whole_sound():
    pytest.importorskip("pedalboard")
    chain = read_chain([{"effect": "Reverb"}, {"effect": "Chorus"}, {"effect": "Compressor"}], "my")
    rack = Rack(Board(chain), 44100)
    assert rack.latency_samples == 0
    assert np.array_equal(play(rack, MUSIC), Board(chain)(MUSIC, 44100, buffer_size=256))


def test_a_real_latent_plug_in_is_as_late_as_it_says(latent_plugin):
    pytest.importorskip("pedalboard")
    rack = Rack(Board(read_chain([{"plugin": latent_plugin}], "my")), 44100, block_size=128)
    assert rack.latency_samples == 480
    played = play(rack, 0.3 * MUSIC, 128)
    assert np.abs(played - late(0.3 * MUSIC, 480)).max() < 1e-6


@pytest.mark.parametrize("effect", ["BrickwallLimiter", "Resample", "MP3Compressor"])
def test_an_impulse_through_a_real_chain_comes_when_it_was_declared(effect):
    pytest.importorskip("pedalboard")
    rack = Rack(Board(read_chain([{"effect": effect}, {"effect": "Gain"}], "my")), 44100)
    assert rack.latency_samples > 100
    impulse = np.zeros((2, 256 * 120), np.float32)
    impulse[:, 9000] = 0.5
    assert abs(int(np.abs(play(rack, impulse)[0]).argmax()) - 9000 - rack.latency_samples) <= 1


def test_racks_of_different_latency_align(delayed):
    boards = [delayed(0), delayed(480)]
    latency = max(measure_latency(board, 44100, 2, 256) for board in boards)
    racks = [Rack(board, 44100, latency_samples=latency) for board in boards]
    first, second = (play(rack, MUSIC) for rack in racks)
    assert np.array_equal(first, second)
    with pytest.raises(ParameterError, match="less than the 480"):
        Rack(delayed(480), 44100, latency_samples=479)


class Failing:
    """A chain that turns the sound over, and fails at its 50th block."""

    def __init__(self, how):
        self.how, self.count = how, 0

    def reset(self):
        self.count = 0

    def __call__(self, audio, sample_rate, buffer_size=8192, reset=True):
        self.count += 1
        if self.count == 50:
            if self.how == "raises":
                raise RuntimeError("out of wax")
            return audio * np.float32(self.how)
        return -audio


@pytest.mark.parametrize(
    ("how", "trouble"),
    [("raises", "out of wax"), ("nan", "no number"), ("inf", "no number")],
)
def test_a_chain_that_fails_is_left_out_without_a_jump_and_can_come_back(how, trouble):
    chain = Failing(how)
    rack = Rack(chain, 44100, latency_samples=300)
    played = play(rack, MUSIC)
    assert trouble in rack.trouble
    assert np.array_equal(played[:, : 49 * 256], -late(MUSIC, 300)[:, : 49 * 256])
    assert np.array_equal(played[:, 49 * 256 + 64 :], late(MUSIC, 300)[:, 49 * 256 + 64 :])
    assert jump(played) < 1.2 * jump(MUSIC)
    chain.how = "nothing"
    rack.resume()
    chain.count = 100
    again = play(rack, MUSIC)
    assert not rack.trouble
    assert jump(again) < 1.2 * jump(MUSIC)
    assert np.array_equal(again[:, 1024:], -late(MUSIC, 300)[:, 1024:])


def test_a_chain_that_holds_back_more_than_it_declared_is_left_out(delayed):
    chain = delayed(100)
    rack = Rack(chain, 44100)
    play(rack, MUSIC[:, :2560])
    chain.owed = 500
    play(rack, MUSIC[:, :2560])
    assert "held back more than the 100 samples" in rack.trouble


def test_bypass_is_aligned_and_without_a_jump(delayed):
    rack = Rack(delayed(480, gain=-1.0), 44100)
    first = play(rack, MUSIC[:, :12800])
    rack.is_bypassed = True
    second = play(rack, MUSIC[:, 12800:25600])
    rack.is_bypassed = False
    third = play(rack, MUSIC[:, 25600:])
    played, expected = np.concatenate([first, second, third], axis=1), late(MUSIC, 480)
    assert np.array_equal(second[:, 64:], expected[:, 12864:25600])
    assert np.array_equal(third[:, 64:], -expected[:, 25664:])
    assert jump(played) < 1.2 * jump(MUSIC)


def test_other_blocks_are_refused(delayed):
    with pytest.raises(BlockSizeError, match=r"takes \[2, 256\]"):
        Rack(delayed(0), 44100).process(MUSIC[:, :128])
