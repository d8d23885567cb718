"""Voices taken apart and put together by WORLD (Morise et al., 2016): pitch, envelope, breath.

An analysis is one array of frames, 10 ms apart, kept as a float16 file in the user's cache, because
it costs a tenth of the recording's length: column 0 the pitch in semitones from C4 (-inf where
unvoiced), then the coded aperiodicity, then the logarithm of the spectral envelope.

WORLD is reached through the package pyworld, optional.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from scipy import fft

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.studio import cache_folder
from streamsep_offline.maker.voices.contour import FRAME_S, Manner

N_FFT = 2048
N_BINS = N_FFT // 2 + 1
"""Columns of the envelope in an analysis, its last ones."""

_N_FFT_SUNG = 1024
"""What is sung needs half the resolution of what is analysed, and costs half as much; but see `_fft_size`."""

_VERSION = "3"
_LOWEST_HZ, _HIGHEST_HZ = 65.0, 1000.0
_LOWEST_SUNG_HZ = 24.0
_MIDDLE_C_HZ = 261.6256


@functools.cache
def world() -> ModuleType | None:
    """The extension module of pyworld, or None if it is not installed.

    It is loaded without pyworld's own `__init__`, which asks for the retired `pkg_resources`.
    """
    package = importlib.util.find_spec("pyworld")
    if package is None or package.origin is None:
        return None
    for path in sorted(Path(package.origin).parent.glob("pyworld*")):
        if path.suffix in (".so", ".pyd"):
            spec = importlib.util.spec_from_file_location("pyworld", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return None


def analyse(audio: np.ndarray) -> np.ndarray:
    """Frames of a dry voice at 44.1 kHz, see the module's text. float16 [frames, columns]."""
    pw = world()
    x = np.ascontiguousarray(audio, np.float64)
    period_ms = 1000.0 * FRAME_S
    f0, time = pw.dio(
        x, SAMPLE_RATE_HZ, f0_floor=_LOWEST_HZ, f0_ceil=_HIGHEST_HZ, frame_period=period_ms
    )
    f0 = pw.stonemask(x, f0, time, SAMPLE_RATE_HZ)
    envelope = pw.cheaptrick(x, f0, time, SAMPLE_RATE_HZ, fft_size=N_FFT)
    aperiodicity = pw.d4c(x, f0, time, SAMPLE_RATE_HZ, fft_size=N_FFT)
    coded = pw.code_aperiodicity(aperiodicity, SAMPLE_RATE_HZ)
    with np.errstate(divide="ignore"):
        pitch = 12.0 * np.log2(f0 / _MIDDLE_C_HZ)
    columns = [pitch[:, None], coded, np.log(envelope + 1e-16)]
    return np.concatenate(columns, axis=1).astype(np.float16)


def extended(frames: np.ndarray, highest_hz: float) -> np.ndarray:
    """Frames of a voice recorded up to `highest_hz` with air above: the envelope mirrored, falling."""
    output = frames.copy()
    edge = round(highest_hz * N_FFT / SAMPLE_RATE_HZ)
    first = frames.shape[1] - N_BINS
    above = np.arange(edge, N_BINS)
    mirrored = np.maximum(2 * edge - above, edge // 2)
    fall = 3.0 * (above - edge) / edge
    output[:, first + above] = frames[:, first + mirrored] - fall.astype(np.float16)
    output[:, first - 2 : first] = 0.0  # the two highest bands of aperiodicity, in dB: all noise
    return output


def cached_frames(
    key: str, make_audio: Callable[[], np.ndarray], highest_hz: float | None = None
) -> np.ndarray:
    """The analysis kept under `key`, made where it is missing.

    Args:
        key: Says what is analysed.
        make_audio: Gives the voice, mono at 44.1 kHz.
        highest_hz: Where a voice of a low sampling rate ends, see `extended`.
    """
    digest = hashlib.sha256((_VERSION + key).encode()).hexdigest()[:24]
    path = cache_folder() / f"world-{digest}.npy"
    if not path.exists():
        frames = analyse(make_audio())
        frames = frames if highest_hz is None else extended(frames, highest_hz)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            np.save(file, frames)
        os.replace(name, path)
    return np.load(path, mmap_mode="r")


@dataclass(frozen=True)
class Colour:
    """How a voice is changed.

    Attributes:
        formants: Factor on the frequencies of the envelope: < 1 a larger, > 1 a smaller singer.
        breath: 0 to 1, how much of the tone is turned into noise, more so high up.
        swell_db: Standard deviation of slow level changes.
    """

    formants: float = 1.0
    breath: float = 0.0
    swell_db: float = 1.5


def random_colour(rng: np.random.Generator) -> Colour:
    """Formants 0.84 to 1.2, breath up to a quarter."""
    return Colour(rng.uniform(0.84, 1.2), rng.uniform(0.0, 0.25), rng.uniform(0.0, 2.5))


def resynthesise(
    frames: np.ndarray,
    pitch: np.ndarray,
    colour: Colour,
    rng: np.random.Generator,
    manner: Manner | None = None,
) -> np.ndarray:
    """A voice from frames with another pitch, [samples].

    Args:
        frames: In the order in which they shall sound. [frames, columns]
        pitch: MIDI pitch; used where the frames are voiced. [frames]
        colour: Changes of timbre.
        rng: Draws the swells.
        manner: How it is delivered: whispered, rough, brighter, from a larger throat.
    """
    pw, n = world(), len(frames)
    manner = manner or Manner()
    n_coded = frames.shape[1] - 1 - N_BINS
    is_voiced = np.isfinite(frames[:, 0])
    sung_hz = np.maximum(440.0 * 2.0 ** ((pitch - 69.0) / 12.0), _LOWEST_SUNG_HZ)
    f0 = np.where(is_voiced, sung_hz, 0.0)
    n_fft = _fft_size(f0)
    coded = np.ascontiguousarray(frames[:, 1 : 1 + n_coded], np.float64)
    aperiodicity = pw.decode_aperiodicity(coded, SAMPLE_RATE_HZ, n_fft)
    n_bins = n_fft // 2 + 1
    tilt = np.linspace(0.0, 1.0, n_bins)
    noise = colour.breath * tilt + manner.roughness * np.clip(0.35 + 8.0 * tilt, 0.0, 1.0)
    aperiodicity = np.clip(aperiodicity + noise, 0.001, 1.0)
    size = colour.formants * manner.formants
    finer = N_FFT // n_fft
    bins = np.minimum(finer * np.arange(n_bins) / size, N_BINS - 1).astype(int)
    envelope = frames[:, 1 + n_coded + bins].astype(np.float64)
    places = np.arange(0, n + 50, 50)
    swell = np.interp(np.arange(n), places, rng.normal(0.0, colour.swell_db, len(places)))
    octaves = np.log2(np.maximum(tilt * SAMPLE_RATE_HZ / 2000.0, 1.0))
    level_db = swell[:, None] + manner.tilt_db * np.minimum(octaves, 2.5)
    envelope = np.exp(envelope + level_db * (np.log(10.0) / 10.0))
    if manner.is_whispered:
        return _whispered(envelope, rng)
    voice = pw.synthesize(
        f0, np.ascontiguousarray(envelope), np.ascontiguousarray(aperiodicity),
        SAMPLE_RATE_HZ, 1000.0 * FRAME_S,
    )  # fmt: skip
    return voice.astype(np.float32)


def _fft_size(f0: np.ndarray) -> int:
    """The frames that WORLD needs for a pitch in hertz, 0 where unvoiced; 2048 at most.

    WORLD copies what lies between two pulses into a frame, however long that is: where it is longer, it
    writes over what is not its own. Where a voice ends the pitch falls to half within half of `FRAME_S`,
    which delays a pulse by an eighth.
    """
    lowest_hz = f0[f0 > 0.0].min(initial=_HIGHEST_HZ)
    longest = SAMPLE_RATE_HZ * (1.0 / lowest_hz + FRAME_S / 8.0)
    return _N_FFT_SUNG if longest < _N_FFT_SUNG else N_FFT


def _whispered(envelope: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise through a voice's envelope, frame by frame, [samples].

    Args:
        envelope: Power spectrum of each frame. [frames, bins]
        rng: Draws the noise.
    """
    n, n_hop = len(envelope), round(FRAME_S * SAMPLE_RATE_HZ)
    n_fft = 2 * (envelope.shape[1] - 1)
    margin = (n_fft - 2 * n_hop) // 2  # a zero-phase filter rings to both sides
    noise = np.zeros((n, n_fft), np.float32)
    window = np.sin(np.pi * (np.arange(2 * n_hop) + 0.5) / (2 * n_hop)).astype(np.float32)
    noise[:, margin : margin + 2 * n_hop] = window * rng.standard_normal(
        (n, 2 * n_hop), dtype=np.float32
    )
    spectrum = fft.rfft(noise, axis=1) * np.sqrt(envelope).astype(np.float32)
    shaped = fft.irfft(spectrum, axis=1)
    output = np.zeros(n * n_hop + n_fft, np.float32)
    for k in range(n):
        output[k * n_hop : k * n_hop + n_fft] += shaped[k]
    return output[margin : margin + n * n_hop]
