"""The record as heard: what becomes of a mixture on its way to an ear, while its stems stay."""

from __future__ import annotations

import numpy as np
import soundfile as sf
from scipy import fft

from streamsep_offline.augment.band import limited
from streamsep_offline.augment.codec import Codec
from streamsep_offline.augment.curve import filtered
from streamsep_offline.maker.dynamics import compression_gain
from streamsep_offline.maker.mixing.rooms import reverberation
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.space import convolved, set_width

_KBPS = (48, 64, 96, 128, 160, 192, 256)
_KINDS = {"codec": 0.65, "microphone": 0.2, "microphone and codec": 0.15}
_PEAK = 0.97


def has_mp3() -> bool:
    """Whether the installed libsndfile writes MP3."""
    return "MP3" in sf.available_formats()


def as_heard(mixture: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A mixture through a lossy codec, or recorded by a microphone in a room, or both.

    Args:
        mixture: float32 [2, samples]; is not modified.
        rng: Draws everything.

    Returns:
        The same at the same place in time, float32 [2, samples]; and in words, what was done.
    """
    kind = list(_KINDS)[int(rng.choice(len(_KINDS), p=list(_KINDS.values())))]
    words = []
    if kind.startswith("microphone"):
        mixture, word = _recorded(mixture, rng)
        words.append(word)
    if kind.endswith("codec"):
        codecs = ("mp3", "vorbis") if has_mp3() else ("vorbis",)
        codec = codecs[rng.integers(len(codecs))]
        kbps = float(_KBPS[rng.integers(len(_KBPS))])
        kbps = max(kbps, 64.0) if codec == "vorbis" else kbps
        piece = Codec(chance=1.0, codecs=(codec,), low_kbps=kbps, high_kbps=kbps)
        mixture = piece.hear(rng, mixture, SAMPLE_RATE_HZ)
        words.append(f"{codec} at {kbps:.0f} kbit/s")
    peak = float(np.abs(mixture).max(initial=0.0))
    if peak > _PEAK:
        mixture = mixture * np.float32(_PEAK / peak)
    return mixture.astype(np.float32), ", ".join(words)


def _recorded(mixture: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A phone or a recorder some way off: the room, its own response, noise, automatic gain."""
    wet_db, noise_db = rng.uniform(-14.0, 4.0), rng.uniform(-55.0, -24.0)
    room = str(rng.choice(["room", "hall"], p=[0.75, 0.25]))
    wet = convolved(mixture.mean(axis=0), reverberation(rng, room))
    heard = mixture + 10.0 ** (wet_db / 20.0) * wet
    bass_hz = float(np.exp(rng.uniform(np.log(40.0), np.log(250.0))))
    treble_hz = float(np.exp(rng.uniform(np.log(6e3), np.log(18e3))))
    heard = limited(
        filtered(heard, rng, 4.0, SAMPLE_RATE_HZ), bass_hz, treble_hz, 2, SAMPLE_RATE_HZ
    )
    if rng.random() < 0.4:
        heard = heard * compression_gain(heard, rng.uniform(-18.0, -6.0), 4.0, 0.01, 0.6)
    level = float(np.sqrt(np.mean(np.square(heard, dtype=np.float64))))
    noise = _noise(rng, heard.shape[1])
    heard = heard + np.float32(level * 10.0 ** (noise_db / 20.0)) * noise
    if rng.random() < 0.6:
        heard = set_width(heard, 0.0)
    return heard, f"microphone in a {room}, wet {wet_db:.0f} dB, noise {noise_db:.0f} dB"


def _noise(rng: np.random.Generator, n: int) -> np.ndarray:
    """Noise between white and brown, as rooms and small microphones have, unit power, [2, n]."""
    n_fft = fft.next_fast_len(n, real=True)
    spectrum = fft.rfft(rng.standard_normal((2, n_fft), dtype=np.float32))
    spectrum *= np.arange(1, spectrum.shape[1] + 1, dtype=np.float32) ** np.float32(
        -rng.uniform(0.0, 1.0)
    )
    spectrum[:, : int(15.0 * n_fft / SAMPLE_RATE_HZ)] = 0.0
    noise = fft.irfft(spectrum, n_fft)[:, :n]
    return (noise / (np.sqrt(np.mean(np.square(noise, dtype=np.float64))) + 1e-12)).astype(
        np.float32
    )
