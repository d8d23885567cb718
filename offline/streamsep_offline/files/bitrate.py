"""From a bitrate to libsndfile's compression level, 0 (best) to 1 (smallest).

libsndfile has no bitrates; each of its encoders maps the level in its own way, which is undone here.

Sources: libsndfile 1.2, `mpeg_l3_encode.c` and `ogg_opus.c`; nominal bitrates of Vorbis's qualities at
44.1 kHz stereo from `vorbisenc.c`.
"""

from __future__ import annotations

import numpy as np

_VORBIS_KBPS = (64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 500)
"""Nominal bitrates of the qualities 0 to 10."""

_SMALLEST = 0.999
"""libsndfile's MP3 encoder refuses a level of exactly 1."""


def compression_level(extension: str, kbps: float, sample_rate: int, channels: int) -> float:
    """Level at which an encoder comes closest to a bitrate; it clips to what the encoder has.

    Args:
        extension: ".mp3" (constant bitrate), ".ogg" or ".opus" (on average).
        kbps: In thousands of bits per second.
        sample_rate: In Hz.
        channels: Of the file.
    """
    if extension == ".ogg":
        # Vorbis spends bits by the sample: the table's stereo at 44.1 kHz is scaled to this file.
        per_table = kbps * (2 * 44100) / (channels * sample_rate)
        level = 1.0 - float(np.interp(per_table, _VORBIS_KBPS, range(11))) / 10.0
    elif extension == ".opus":
        level = 1.0 - (kbps / channels - 6.0) / 250.0
    else:
        low, high = (
            (8, 64) if sample_rate < 16000 else (8, 160) if sample_rate < 32000 else (32, 320)
        )
        level = 1.0 - (kbps - low) / (high - low)
    return min(max(level, 0.0), _SMALLEST)
