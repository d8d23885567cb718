"""Another key in a stream: as much higher as asked for, aligned, of a latency that is known."""

import numpy as np
import pytest

from streamsep_bridge.rack.board import Board
from streamsep_bridge.rack.chain import read_chain
from streamsep_bridge.rack.parameters import ChainError
from streamsep_bridge.rack.rack import Rack

pytest.importorskip("pedalboard")
pytest.importorskip("pylibrb")
RATE, BLOCK = 44100, 256


def board(semitones, *before):
    return Board(read_chain([*before, {"effect": "Transpose", "semitones": semitones}], "chain"))


def tone(seconds=4.0):
    """440 Hz from the first second on. float32 [2, n]"""
    t = np.arange(round(seconds * RATE) // BLOCK * BLOCK) / RATE
    return np.stack([0.3 * np.sin(2.0 * np.pi * 440.0 * t) * (t >= 1.0)] * 2).astype(np.float32)


def pitch_hz(sound):
    part = sound[0, -RATE:] * np.hanning(RATE)
    return np.argmax(np.abs(np.fft.rfft(part, 8 * RATE))) / 8.0


def in_blocks(process, sound):
    blocks = [process(sound[:, at : at + BLOCK]) for at in range(0, sound.shape[1], BLOCK)]
    return np.concatenate(blocks, axis=1)


@pytest.mark.parametrize("semitones", [-5.0, 2.0])
def test_a_whole_sound_stays_as_long_and_in_time(semitones):
    sung = board(semitones)(tone(), RATE)
    assert sung.shape == tone().shape
    assert 12.0 * np.log2(pitch_hz(sung) / 440.0) == pytest.approx(semitones, abs=0.15)
    assert np.flatnonzero(np.abs(sung[0]) > 0.15)[0] / RATE == pytest.approx(1.0, abs=0.03)


def test_a_rack_is_as_late_as_it_says_and_never_runs_dry():
    rack = Rack(board(-2.0, {"effect": "Gain", "gain_db": 0.0}), RATE, 2, BLOCK)
    assert 0.01 < rack.latency_samples / RATE < 0.12
    sung = in_blocks(rack.process, tone())
    assert rack.trouble == ""
    assert 12.0 * np.log2(pitch_hz(sung) / 440.0) == pytest.approx(-2.0, abs=0.15)
    begins_s = (np.flatnonzero(np.abs(sung[0]) > 0.15)[0] - rack.latency_samples) / RATE
    assert begins_s == pytest.approx(1.0, abs=0.03)


def test_the_key_moves_while_it_plays():
    chain = board(0.0)
    rack = Rack(chain, RATE, 2, BLOCK)
    in_blocks(rack.process, tone())
    chain.set("transpose", "semitones", 4.0)
    assert 12.0 * np.log2(pitch_hz(in_blocks(rack.process, tone())) / 440.0) == pytest.approx(
        4.0, abs=0.15
    )
    assert rack.trouble == ""


def test_it_is_the_last_of_its_chain():
    with pytest.raises(ChainError, match="has to be the last"):
        Board(read_chain([{"effect": "Transpose"}, {"effect": "Gain"}], "chain"))
