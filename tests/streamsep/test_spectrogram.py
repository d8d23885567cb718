"""Bounded memory, right places, right levels."""

import numpy as np
import pytest

from streamsep.spectrogram import (
    HIGH_HZ,
    LOW_HZ,
    MAX_COLUMNS,
    N_BANDS,
    Columns,
    LogBands,
    MaskCollector,
    SpectrogramCollector,
)

RATE = 44100


def band_of(frequency_hz):
    return int(N_BANDS * np.log(frequency_hz / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ))


@pytest.mark.parametrize("n_frames", [1, 5, MAX_COLUMNS - 1, 3 * MAX_COLUMNS + 5, 9 * MAX_COLUMNS])
def test_columns_stay_few_and_keep_the_mean_of_their_time(n_frames):
    columns = Columns()
    for i in range(n_frames):
        columns.add(np.full((2, 3), float(i)))
    stacked, width = columns.stacked(), columns.frames_per_column
    assert stacked.shape == (2, 3, n_frames // width)
    assert stacked.shape[-1] <= MAX_COLUMNS
    expected = np.arange(stacked.shape[-1]) * width + (width - 1) / 2
    assert stacked[0, 0] == pytest.approx(expected)


def test_columns_do_not_keep_the_frame_they_were_given():
    columns, frame = Columns(), np.ones((1, 1))
    columns.add(frame)
    frame[:] = 7.0
    assert columns.stacked().max() == 1.0


@pytest.mark.parametrize("n_bins", [129, 1025, 2049])
def test_bands_keep_constants_and_place_tones(n_bins):
    bands = LogBands(n_bins, RATE)
    assert bands(np.ones((2, n_bins))) == pytest.approx(1.0, abs=1e-6)
    spectrum = np.zeros(n_bins)
    k = n_bins // 4
    spectrum[k] = 1.0
    frequency_hz = k * RATE / (2 * (n_bins - 1))
    assert abs(int(bands(spectrum).argmax()) - band_of(frequency_hz)) <= 1


def test_bands_above_half_the_rate_are_dark():
    bands = LogBands(1025, 8000)(np.ones(1025))
    assert bands[band_of(3500)] == pytest.approx(1.0)
    assert bands[band_of(4200) :].max() == 0.0


def test_sine_at_full_scale_is_0_db_in_its_band_and_blocks_do_not_matter():
    t = np.arange(2 * RATE) / RATE
    sine = np.sin(2 * np.pi * 1000 * t)
    stems = np.stack([np.stack([sine, sine]), np.zeros((2, len(t)))]).astype(np.float32)
    pictures = []
    for splits in ([], [100, 4096, 50000]):
        collector = SpectrogramCollector(2, 2, RATE)
        for block in np.array_split(stems, splits, axis=-1) if splits else [stems]:
            collector.add(block)
        pictures.append(collector.power())
    assert np.array_equal(*pictures)
    power = pictures[0]
    assert power.shape[:2] == (3, N_BANDS)
    level_db = 10 * np.log10(power[0, :, 20].max())
    assert -5.0 < level_db < 0.1  # the mean of a band that is wider than the tone
    assert abs(int(power[1, :, 20].argmax()) - band_of(1000)) <= 1
    assert power[2].max() == 0.0


def test_masks_are_averaged_over_channels():
    collector = MaskCollector(1025, RATE)
    masks = np.zeros((2, 2, 1025), np.float32)
    masks[0, 0] = 1.0
    collector(masks)
    assert collector.masks()[0] == pytest.approx(0.5, abs=1e-6)
    assert collector.masks()[1].max() == 0.0
