"""A voice beside the music: dry to the sample, moved without a click, with a room that dies away."""

import numpy as np
import pytest

from streamsep.engine.live.microphone import ROOM, HeldMicrophone
from streamsep.engine.live.reverb import DECAY_S

RATE = 44100


def sing(microphone, voice, n_outputs=2, block=256):
    """float32 [n, inputs] to [n, outputs], block by block"""
    heard = np.full((len(voice), n_outputs), np.nan, np.float32)
    for start in range(0, len(voice), block):
        microphone.sing(voice[start : start + block], heard[start : start + block])
    return heard


def tone(n, channels=1):
    return np.repeat(0.3 * np.sin(0.05 * np.arange(n))[:, None], channels, 1).astype(np.float32)


@pytest.mark.parametrize("block", [1, 64, 256, 1000])
def test_without_a_room_the_voice_is_itself_on_both_sides(block):
    microphone = HeldMicrophone(RATE, 1, 2, 1.0, 0.0)
    voice = tone(20000)
    heard = sing(microphone, voice, block=block)
    assert np.abs(heard[8000:] - voice[8000:]).max() < 1e-5
    assert np.abs(heard[:, 0] - heard[:, 1]).max() == 0.0


def test_two_inputs_are_averaged_and_other_outputs_are_silent():
    voice = tone(20000, 2) * np.array([[1.0, 0.5]], np.float32)
    heard = sing(HeldMicrophone(RATE, 2, 4, 1.0, 0.0), voice, 4)
    assert np.abs(heard[8000:, 0] - voice[8000:].mean(axis=1)).max() < 1e-5
    assert np.all(heard[:, 2:] == 0.0)


def test_the_room_dies_away_and_is_wide():
    microphone = HeldMicrophone(RATE, 1, 2, 1.0, 1.0)
    sing(microphone, np.zeros((RATE // 2, 1), np.float32))  # the gain is there
    click = np.zeros((3 * RATE, 1), np.float32)
    click[0] = 1.0
    heard = sing(microphone, click).astype(np.float64)
    late = heard[int(0.1 * RATE) :]
    energy_db = 10.0 * np.log10(np.cumsum(late[::-1] ** 2, axis=0)[::-1].sum(axis=1) + 1e-30)
    at = int(0.5 * DECAY_S * RATE)
    assert -45.0 < energy_db[at] - energy_db[0] < -25.0  # the highs fall faster
    assert np.abs(np.corrcoef(late[: RATE // 2].T)[0, 1]) < 0.5
    assert np.abs(heard[-RATE // 4 :]).max() < 1e-4


def test_gain_moves_without_a_click():
    microphone = HeldMicrophone(RATE, 1, 2, 1.0, 0.2)
    voice = tone(30000)
    sing(microphone, voice)
    step = np.abs(np.diff(sing(microphone, voice)[:, 0])).max()
    microphone.memory.wanted[:] = 0.0, 0.0
    assert np.abs(np.diff(sing(microphone, voice)[:, 0])).max() < 1.1 * step
    assert np.abs(sing(microphone, voice)).max() < 1e-3


def test_broken_input_is_finite_and_nothing_exceeds_full_scale():
    voice = tone(20000)
    voice[100:110] = np.nan
    voice[200], voice[300] = np.inf, 1e30
    microphone = HeldMicrophone(RATE, 1, 2, 8.0, 1.0)
    heard = sing(microphone, voice)
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() <= 1.0


def test_silence_in_is_digital_silence_out():
    microphone = HeldMicrophone(RATE, 1, 2, 1.0, 0.5)
    assert np.all(sing(microphone, np.zeros((5000, 1), np.float32)) == 0.0)
    assert microphone.memory.now[ROOM] == 0.5
