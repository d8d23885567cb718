import numpy as np
import pytest

from streamsep_offline.augment.repitch import Repitch
from streamsep_offline.data.example import Example

RATE = 44100


def peak_hz(x):
    window = np.hanning(x.size)
    return np.fft.rfft(x * window).__abs__().argmax() * RATE / x.size


@pytest.mark.parametrize("semitones", [-3.0, 2.0])
def test_a_tone_becomes_higher_by_semitones(semitones):
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    example = Example.from_stems(np.stack([[tone, tone], [0.5 * tone, tone]]))
    piece = Repitch(1.0, low_semitones=semitones, high_semitones=semitones)
    played = piece(np.random.default_rng(0), example, RATE)
    factor = 2 ** (semitones / 12)
    n = min(RATE, int(RATE / factor))
    assert peak_hz(played.stems[1, 0, :n]) == pytest.approx(1000 * factor, abs=1.5)
    assert not played.mixture[:, n + 2 :].any()


def test_clicks_arrive_when_speed_says():
    click = np.zeros((1, 1, RATE), np.float32)
    click[0, 0, 10000] = 0.5
    piece = Repitch(1.0, low_semitones=12.0, high_semitones=12.0)
    played = piece(np.random.default_rng(0), Example.from_stems(click), RATE)
    assert int(np.abs(played.mixture[0]).argmax()) == 5000
