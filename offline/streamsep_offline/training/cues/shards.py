"""Examples on disk: features and powers of a few bins per example, computed once, as float16.

Of every example the lowest bins and a random choice of the others are kept; in the loss the chosen
ones weigh for those left out. Powers are stored as roots, because float16 has few exponents.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from streamsep.spec import StreamSpec
from streamsep_offline.training.cues.compiled_cues import CompiledCues

N_LOW = 32
"""Lowest bins, all kept."""

N_CHOSEN = 64
"""Bins chosen at random from the others."""

ONE_WAY = ("features", "bands", "mixture", "cross", "references", "bins")
"""Arrays that every model learns from, in the order of a batch."""

BOTH_WAYS = (*ONE_WAY, "reversed_features", "reversed_bands")
"""Arrays that a model learns from that hears the song backwards, too."""


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
        reversed_features: Of the frames in reverse order, the last one first; None where the shard was
            made for models that hear forwards only. Shape of `features`.
        reversed_bands: Inputs of the bands in that order, or None. Shape of `bands`.
    """

    features: np.ndarray
    bands: np.ndarray
    mixture: np.ndarray
    cross: np.ndarray
    references: np.ndarray
    bins: np.ndarray
    reversed_features: np.ndarray | None = None
    reversed_bands: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.bins)


def open_shard(folder: Path) -> Examples:
    """A shard that `make_shard` wrote."""
    paths = (folder / f"{name}.npy" for name in BOTH_WAYS)
    return Examples(*(np.load(path, mmap_mode="r") for path in paths if path.exists()))


def make_shard(
    folder: Path,
    spectra: Iterator[torch.Tensor],
    n: int,
    seed: Sequence[int],
    spec: StreamSpec,
    is_both_ways: bool = False,
) -> None:
    """Write a shard; it appears under its name only when it is whole.

    Args:
        folder: Left alone when it exists.
        spectra: Of the stems of each example, complex [targets, 2, bins, frames].
        n: Count of examples.
        seed: Of the choice of bins.
        spec: Windows, rate and stems.
        is_both_ways: Whether what a model hears of the song played backwards is stored, too.
    """
    if folder.exists():
        return
    rng = np.random.default_rng(seed)
    cues = CompiledCues(spec)
    low, n_others = np.arange(N_LOW), spec.profile.n_bins - N_LOW
    examples = []
    for _ in range(n):
        drawn = next(spectra)
        chosen = np.sort(rng.choice(n_others, N_CHOSEN, replace=False))
        examples.append(_compute(cues, drawn, np.r_[low, N_LOW + chosen], is_both_ways))
    unfinished = folder.with_name(f"{folder.name}.part{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name, arrays in zip(BOTH_WAYS, zip(*examples, strict=True), strict=False):
        np.save(unfinished / f"{name}.npy", np.stack(arrays))
    unfinished.rename(folder)


@torch.inference_mode()
def _compute(
    cues: CompiledCues, spectra: torch.Tensor, bins: np.ndarray, is_both_ways: bool
) -> tuple[np.ndarray, ...]:
    """The arrays of one of `Examples` for spectra [targets, 2, bins, frames] and bins [kept]."""
    mixture = spectra.sum(dim=0)
    heard = cues.offline(mixture.numpy(), bins)
    backwards = cues.offline(mixture.numpy()[..., ::-1], bins) if is_both_ways else ()
    features, bands, *backwards = (array.astype(np.float16) for array in (*heard, *backwards))
    scale = 1.0 / (mixture.abs().square().mean() + 1e-12)
    kept = torch.from_numpy(bins)
    x, s = mixture[:, kept], spectra[:, :, kept]
    power = scale * x.abs().square().sum(dim=0)
    cross = scale * (x.conj() * s).real.sum(dim=1)
    references = scale * s.abs().square().sum(dim=1)
    return (
        features,
        bands,
        power.sqrt().T.half().numpy(),
        (cross.sign() * cross.abs().sqrt()).permute(2, 0, 1).half().numpy(),
        references.sqrt().permute(2, 0, 1).half().numpy(),
        bins.astype(np.int16),
        *backwards,
    )
