"""Spectrograms as small pictures: log frequency, dB, nothing but the image, so that a place is a time.

Needs matplotlib (extra `plot`), imported when a picture is drawn.
"""

from __future__ import annotations

import io

import numpy as np

from streamsep.plot import require_matplotlib
from streamsep.spectrogram import HIGH_HZ, LOW_HZ, N_FFT, SpectrogramCollector

RANGE_DB = 72.0
"""From black to white."""

_QUALITY = 60  # of WebP: a third of the size of a PNG of 64 colours, and no difference to be seen


def levels_db(sounds: np.ndarray, rate: int) -> np.ndarray:
    """Spectrograms of sounds that begin together.

    Args:
        sounds: [sounds, channels, n]
        rate: In Hz.

    Returns:
        dB relative to a full-scale sine, bands from `LOW_HZ` to `HIGH_HZ`, the lowest first; columns
        spread over the whole sound. [sounds, bands, columns]
    """
    collector = SpectrogramCollector(sounds.shape[0], sounds.shape[1], rate)
    half = [(0, 0), (0, 0), (0, N_FFT // 2)]  # the last frame is centred on the last sample
    collector.add(np.pad(sounds.astype(np.float32, copy=False), half))
    return 10.0 * np.log10(collector.power()[1:] + 1e-12)


def draw(levels: np.ndarray) -> tuple[bytes, ...]:
    """Pictures of several spectrograms on one scale, the loudest place of all at its top.

    Args:
        levels: In dB. [pictures, bands, columns]

    Returns:
        WebP files as wide as there are columns, as high as there are bands, high tones above.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require_matplotlib()
    from matplotlib import image

    top = float(levels.max())
    pictures = []
    for level in levels:
        file = io.BytesIO()
        image.imsave(
            file,
            level,
            vmin=top - RANGE_DB,
            vmax=top,
            cmap="magma",
            origin="lower",
            format="webp",
            pil_kwargs={"quality": _QUALITY},
        )
        pictures.append(file.getvalue())
    return tuple(pictures)


def height_of(frequency_hz: float) -> float:
    """Where a frequency is in a picture: 0 the lower edge, 1 the upper."""
    return float(np.log(frequency_hz / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ))
