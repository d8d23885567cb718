"""Examples on disk: features and powers of a few bins per example, computed once, as float16.

Of every example only some bins are kept, which stand for all (`kept_bins`). Powers are stored as roots,
because float16 has few exponents.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch

from streamsep.spec import StreamSpec
from streamsep_offline.training.cues.compiled_cues import CompiledCues
from streamsep_offline.training.cues.kept_bins import draw_bins

ONE_WAY = ("features", "bands", "mixture", "cross", "references", "bins")
"""Arrays that every model learns from, in the order of a batch."""

_FINE, _REVERSED = ("fine",), ("reversed_features", "reversed_bands")


@dataclass(frozen=True)
class Examples:
    """Examples of a shard, memory-mapped, or a batch of them.

    Attributes:
        features: Of the kept bins. [n, frames, kept, CUES]
        bands: Inputs of the bands. [n, frames, bands, BAND_CUES]
        mixture: Root of the mixture's power. [n, frames, kept]
        cross: Signed root of Re X* S. [n, frames, targets, kept]
        references: Root of the stems' powers. [n, frames, targets, kept]
        bins: Indices of the kept bins. [n, kept]
        fine: Of the points of the fine grid, None where the shard was made for models that hear bands only.
            [n, frames, FINE_CUES, points]
        reversed_features: Of the frames in reverse order, the last one first; None where the shard was
            made for models that hear forwards only. Shape of `features`.
        reversed_bands: Inputs of the bands in that order, or None. Shape of `bands`.
        reversed_fine: Of the points in that order, or None. Shape of `fine`.
    """

    features: np.ndarray
    bands: np.ndarray
    mixture: np.ndarray
    cross: np.ndarray
    references: np.ndarray
    bins: np.ndarray
    fine: np.ndarray | None = None
    reversed_features: np.ndarray | None = None
    reversed_bands: np.ndarray | None = None
    reversed_fine: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.bins)


def example_arrays(is_both_ways: bool = False, has_fine: bool = False) -> tuple[str, ...]:
    """Names of the arrays that a model learns from, in the order of a batch.

    Args:
        is_both_ways: Whether it hears the song backwards, too.
        has_fine: Whether it hears the points of the fine grid, too.
    """
    heard = (_REVERSED if is_both_ways else ()) + (_FINE if has_fine else ())
    return (*ONE_WAY, *heard, *(("reversed_fine",) if is_both_ways and has_fine else ()))


def open_shard(folder: Path) -> Examples:
    """A shard that `make_shard` wrote."""
    paths = {field.name: folder / f"{field.name}.npy" for field in fields(Examples)}
    found = {name: np.load(p, mmap_mode="r") for name, p in paths.items() if p.exists()}
    return Examples(**found)


def make_shard(
    folder: Path,
    spectra: Iterator[torch.Tensor],
    n: int,
    seed: Sequence[int],
    spec: StreamSpec,
    names: Sequence[str] = ONE_WAY,
) -> None:
    """Write a shard; it appears under its name only when it is whole.

    Args:
        folder: Left alone when it exists.
        spectra: Of the stems of each example, complex [targets, 2, bins, frames].
        n: Count of examples.
        seed: Of the choice of bins.
        spec: Windows, rate and stems.
        names: Of the arrays to store, see `example_arrays`.
    """
    if folder.exists():
        return
    rng = np.random.default_rng(seed)
    cues = CompiledCues(spec)
    examples = [_compute(cues, next(spectra), draw_bins(rng, spec), names) for _ in range(n)]
    unfinished = folder.with_name(f"{folder.name}.part{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name in names:
        np.save(unfinished / f"{name}.npy", np.stack([example[name] for example in examples]))
    try:
        unfinished.rename(folder)
    except OSError:  # another process was faster; the same examples are there
        if not folder.exists():
            raise
        shutil.rmtree(unfinished)


@torch.inference_mode()
def _compute(
    cues: CompiledCues, spectra: torch.Tensor, bins: np.ndarray, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """The named arrays of one of `Examples` for spectra [targets, 2, bins, frames] and bins [kept]."""
    mixture = spectra.sum(dim=0)
    heard = _hear(cues, mixture.numpy(), bins, "")
    if "reversed_bands" in names:
        heard |= _hear(cues, mixture.numpy()[..., ::-1], bins, "reversed_")
    scale = 1.0 / (mixture.abs().square().mean() + 1e-12)
    kept = torch.from_numpy(bins)
    x, s = mixture[:, kept], spectra[:, :, kept]
    power = scale * x.abs().square().sum(dim=0)
    cross = scale * (x.conj() * s).real.sum(dim=1)
    references = scale * s.abs().square().sum(dim=1)
    found = heard | {
        "mixture": power.sqrt().T.half().numpy(),
        "cross": (cross.sign() * cross.abs().sqrt()).permute(2, 0, 1).half().numpy(),
        "references": references.sqrt().permute(2, 0, 1).half().numpy(),
        "bins": bins.astype(np.int16),
    }
    return {name: found[name] for name in names}


def _hear(
    cues: CompiledCues, mixture: np.ndarray, bins: np.ndarray, prefix: str
) -> dict[str, np.ndarray]:
    heard = zip(("features", "bands", "fine"), cues.offline(mixture, bins), strict=True)
    return {prefix + name: array.astype(np.float16) for name, array in heard}
