import numpy as np
import pytest

from streamsep_offline.augment.reverb import Reverb, Room
from streamsep_offline.data.example import Example

RATE = 44100


def click(stems=2, channels=2):
    x = np.zeros((stems, channels, 2 * RATE), np.float32)
    x[:, :, 0] = 1.0
    return Example.from_stems(x)


@pytest.mark.parametrize("rate", [22050, 44100])
def test_the_response_decays_by_60_db_in_its_time(rate):
    piece = Reverb(1.0, low_s=0.5, high_s=0.5, low_db=0.0, high_db=0.0)
    response = piece(np.random.default_rng(0), click(), rate).stems[0, 0].astype(np.float64)

    def level_db(start_s):
        n = round(start_s * rate)
        return 10 * np.log10(np.square(response[n : n + rate // 10]).mean())

    assert level_db(0.05) - level_db(0.3) == pytest.approx(30.0, abs=3.0)


def test_energy_of_the_room_against_the_direct_sound():
    piece = Reverb(1.0, low_s=0.3, high_s=0.3, low_db=-10.0, high_db=-10.0)
    response = piece(np.random.default_rng(0), click(channels=1), RATE).stems[0, 0]
    assert response[0] == pytest.approx(1.0)
    assert 10 * np.log10(np.square(response[1:]).sum()) == pytest.approx(-10.0, abs=0.1)


def test_a_room_is_shared_and_reverbs_are_not():
    own = Reverb(1.0)(np.random.default_rng(0), click(), RATE).stems
    shared = Room(1.0)(np.random.default_rng(0), click(), RATE).stems
    assert np.array_equal(shared[0], shared[1])
    assert not np.array_equal(own[0], own[1])
