"""Signals that tests share: deterministic, short, and with something for every cue."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest


def music(duration_s: float = 1.0, sample_rate: int = 44100, channels: int = 2, seed: int = 0):
    """Chords left and right, a bass, a centred voice-like tone and drum hits. float32 [channels, n]"""
    rng = np.random.default_rng(seed)
    t = np.arange(round(duration_s * sample_rate)) / sample_rate
    tone = lambda f: np.sin(2 * np.pi * f * t + rng.uniform(0, 6.28))  # noqa: E731
    voice = sum(tone(220 * k * (1 + 0.002 * np.sin(2 * np.pi * 5 * t))) / k for k in range(1, 9))
    bass = tone(55) + 0.4 * tone(110)
    hits = rng.standard_normal(t.size) * np.exp(-20 * (t % 0.25))
    left = 0.1 * voice + 0.1 * bass + 0.08 * hits + 0.08 * tone(330) + 0.05 * tone(1245)
    right = 0.1 * voice + 0.1 * bass + 0.08 * hits + 0.08 * tone(415) + 0.05 * tone(988)
    return np.stack([left, right])[:channels].astype(np.float32)


def impulse(n_samples: int, at: int, channels: int = 2, height: float = 0.5):
    """One sample of height, the rest zero. float32 [channels, n]"""
    x = np.zeros((channels, n_samples), np.float32)
    x[:, at] = height
    return x


def shared_audio() -> Path:
    """Folder of real recordings beside the repository; skips the test where it is absent."""
    default = Path(__file__).resolve().parents[1] / ".." / "shared" / "audio"
    folder = Path(os.environ.get("STREAMSEP_AUDIO", default))
    if not folder.is_dir():
        pytest.skip(f"no recordings at {folder}; set STREAMSEP_AUDIO to a folder that has them")
    return folder


def noise_stems(n_stems, duration_s, sample_rate=8000, channels=2, seed=0):
    """Noises of different colours and places: stems with nothing in common. float32 [stems, channels, n]"""
    rng = np.random.default_rng(seed)
    stems = rng.standard_normal((n_stems, channels, round(duration_s * sample_rate)))
    for k in range(1, n_stems):
        stems[k, :, k:] += 0.8 * (-1) ** k * stems[k, :, :-k]
    return (0.1 * stems).astype(np.float32)
