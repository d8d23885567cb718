"""A tone is where its frequency is, loudness is one scale for all pictures, a place is a time."""

import io

import numpy as np
import pytest

from streamsep.spectrogram import N_BANDS
from streamsep_offline.evaluation.spectrogram_picture import RANGE_DB, draw, height_of, levels_db

image = pytest.importorskip("matplotlib.image")
RATE = 44100
BAND = 1.0 / N_BANDS


def tone(frequency_hz, level_db=0.0, seconds=2.0):
    t = np.arange(round(seconds * RATE)) / RATE
    x = 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency_hz * t)
    return np.stack([x, x]).astype(np.float32)


def light(picture):
    """Brightness of the pixels, the lowest tone first. [bands, columns]"""
    return image.imread(io.BytesIO(picture), "webp")[::-1, :, :3].astype(float).sum(axis=-1)


@pytest.mark.parametrize("frequency_hz", [110.0, 440.0, 3000.0, 12000.0])
def test_the_brightest_place_is_where_the_tone_is(frequency_hz):
    levels = levels_db(tone(frequency_hz)[None], RATE)
    middle = levels[0][:, levels.shape[-1] // 2]
    assert (np.argmax(middle) + 0.5) * BAND == pytest.approx(height_of(frequency_hz), abs=2 * BAND)
    (picture,) = draw(levels)
    pixels = light(picture)
    assert pixels.shape == levels.shape[1:]
    row = np.argmax(pixels.mean(axis=1))
    assert (row + 0.5) * BAND == pytest.approx(height_of(frequency_hz), abs=0.02)


def test_levels_are_those_of_the_tone():
    levels = levels_db(np.stack([tone(1000.0), tone(1000.0, -20.0)]), RATE)
    loud, soft = levels.max(axis=(1, 2))
    assert loud - soft == pytest.approx(20.0, abs=0.1)
    assert -6.0 < loud < 0.5, "a full-scale sine, spread over at most two bands"


def test_pictures_have_one_scale():
    levels = levels_db(np.stack([tone(1000.0), tone(1000.0, -0.5 * RANGE_DB)]), RATE)
    loud, soft, silent = (light(p).max() for p in draw(np.stack([*levels, levels[0] * 0 - 120.0])))
    assert loud > 1.3 * soft > 1.3 * silent


def test_a_place_is_a_time():
    sound = tone(1000.0)
    sound[:, : RATE // 2] = 0.0
    levels = levels_db(sound[None], RATE)[0].max(axis=0)
    begins = np.argmax(levels > levels.max() - 6.0) / len(levels)
    assert begins == pytest.approx(0.25, abs=0.02), "half a second of two"
