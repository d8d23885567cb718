"""BSSEval v4 by museval, with silence kept where it belongs.

museval gives no number for *any* stem in a second in which one reference or one estimate is silent, and
refuses a song with a wholly silent one. But a stem's scores depend on its own estimate and on all
references; a silent reference explains nothing and takes no part. So here

- a wholly silent reference is left out: the space that the others span is the same without it;
- a second in which a reference or an estimate is silent gets one sample of -180 dBFS there, which is what
  museval needs and nobody can measure;
- the silent stem itself has no score in that second, and one whose estimate alone is silent has the SDR
  of silence, 0 dB, and neither SIR nor SAR, which are of the estimate.

One more thing is mended. References with an empty band (decoded from lossy files, or tones alone) leave
museval's filters without a unique solution, and rounding decides: SIR of -30 dB and SAR of 0 where 16-bit
files of the same music have 5 and 4. The noise of 16 bits is what museval always had; so where a band lies
115 dB below the loudest, references are rounded to 16 bits, which leaves 16-bit files as they are.

Else, and where nothing is silent, the arrays go to museval as they are, and the scores are those of
`museval.evaluate`. A song of which all channels are alike is scored as mono: museval's equations have no
unique solution for it, and mono has the same scores, sooner.

museval's `metrics.py` is loaded by itself: the package wants an ffmpeg program when it is imported, and
scores need none.

Conventions: [targets, channels, samples]; scores are dB [4, targets, seconds] in the order of `NAMES`.
Source: F.-R. Stöter, A. Liutkus, N. Ito, "The 2018 Signal Separation Evaluation Campaign", LVA/ICA 2018.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np

from streamsep.errors import MissingExtraError
from streamsep_offline.evaluation.figures import LIMIT_DB

NAMES = ("SDR", "ISR", "SIR", "SAR")
"""Order of museval's results."""

_PLANTED = 1e-9

_EMPTY = 10**-11.5
"""Power of a band relative to the loudest of all stems below which it is empty: -115 dB."""

_BAND_WINDOW = 1024


def museval_folder() -> Path:
    """Where museval is installed; it is not imported.

    Raises:
        MissingExtraError: It is not installed.
    """
    spec = importlib.util.find_spec("museval")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("BSSEval", "museval", "train")
    return Path(spec.submodule_search_locations[0])


def bsseval(references: np.ndarray, estimates: np.ndarray, sample_rate: int) -> np.ndarray:
    """Scores of every stem in every whole second.

    Args:
        references: [targets, channels, n], all of the mixture's stems.
        estimates: Aligned, in the same order. [targets, channels, n]
        sample_rate: In Hz.

    Returns:
        float64 [4, targets, seconds]; NaN where there is nothing to score, infinity cut to 100 dB.

    Raises:
        MissingExtraError: museval is not installed.
    """
    window = sample_rate
    n_frames = max(1, references.shape[-1] // window)
    if _has_empty_band(references):
        references = np.round(references * 2.0**15) / 2.0**15
    sounds = _sounding(references, window, n_frames)
    speaks = _sounding(estimates, window, n_frames)
    scores = np.full((4, len(references), n_frames), np.nan)
    kept = np.flatnonzero(np.any(references != 0.0, axis=(1, 2)))
    if len(kept):
        n_channels = 1 if _are_alike(references) and _are_alike(estimates) else None
        some = np.s_[kept, :n_channels]
        reference = _as_museval(references[some], window, n_frames)
        estimate = _as_museval(estimates[some], window, n_frames)
        scores[:, kept] = _evaluate(reference, estimate, window)
    scores[:, ~sounds] = np.nan
    scores[0, sounds & ~speaks] = 0.0
    scores[2:, ~speaks] = np.nan
    if len(kept) == 1:
        scores[2] = np.nan  # nobody is there to interfere
    return np.where(np.isinf(scores), np.copysign(LIMIT_DB, scores), scores)


def _has_empty_band(stems: np.ndarray) -> bool:
    """Whether a channel that sounds has no power to speak of somewhere in its spectrum."""
    window = np.hanning(_BAND_WINDOW + 1)[:-1] ** 2  # its side lobes fall fast enough for 115 dB
    quietest, loudest = np.inf, 0.0
    for channel in stems.reshape(-1, stems.shape[-1]):
        if np.any(channel):
            frames = np.lib.stride_tricks.sliding_window_view(channel, _BAND_WINDOW)
            spectra = np.fft.rfft(frames[::_BAND_WINDOW] * window)
            power = np.mean(spectra.real**2 + spectra.imag**2, axis=0)
            quietest, loudest = min(quietest, power.min()), max(loudest, power.max())
    return bool(quietest < _EMPTY * loudest)


def _are_alike(stems: np.ndarray) -> bool:
    """Whether all channels are the same."""
    return bool(np.array_equal(stems, np.broadcast_to(stems[:, :1], stems.shape)))


def _sounding(stems: np.ndarray, window: int, n_frames: int) -> np.ndarray:
    """Where there is anything at all. bool [targets, seconds]"""
    starts = window * np.arange(n_frames)
    return np.stack([np.any(stems[..., a : a + window] != 0.0, axis=(1, 2)) for a in starts], -1)


def _as_museval(stems: np.ndarray, window: int, n_frames: int) -> np.ndarray:
    """float64 [targets, samples, channels], with a sample planted in seconds that museval calls silent."""
    x = np.array(stems.swapaxes(1, 2), np.float64)
    for start in window * np.arange(n_frames):
        silent = np.all(x[:, start : start + window].sum(axis=2) == 0.0, axis=1)
        x[silent, start, 0] += _PLANTED
    return x


def _evaluate(references: np.ndarray, estimates: np.ndarray, window: int) -> np.ndarray:
    """museval.evaluate in mode v4; [4, targets, seconds]"""
    bss_eval = _metrics().bss_eval
    with np.errstate(divide="ignore", invalid="ignore"):
        try:
            results = bss_eval(references, estimates, window=window, hop=window)
        except (np.linalg.LinAlgError, AttributeError):
            # References that are filtered copies of each other: museval 0.4.1 then names an exception that
            # numpy 2 no longer has. Noise 120 dB below makes the solution unique.
            rng = np.random.default_rng(0)
            noise = 1e-6 * np.abs(references).max() * rng.standard_normal(references.shape)
            results = bss_eval(references + noise, estimates, window=window, hop=window)
    return np.stack(results[:4])


@functools.cache
def _metrics() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "streamsep_museval_metrics", museval_folder() / "metrics.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
