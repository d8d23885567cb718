"""Examples on disk: features and powers of a few bins per example, computed once, as float16.

Of every example the lowest bins and a random choice of the others are kept; in the loss the chosen
ones weigh for those left out. Powers are stored as roots, because float16 has few exponents.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from streamsep.features.cues import Cues
from streamsep.spec import Profile, StreamSpec
from streamsep_offline.training.examples import Varying, draw_spectra
from streamsep_offline.training.songs import SAMPLE_RATE, STEMS, Song

N_LOW = 32
"""Lowest bins, all kept."""

N_CHOSEN = 64
"""Bins chosen at random from the others."""

_AT_ONCE = 8
_FRAMES_AT_ONCE = 43
_NAMES = ("features", "bands", "mixture", "cross", "references", "bins")


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
    """

    features: np.ndarray
    bands: np.ndarray
    mixture: np.ndarray
    cross: np.ndarray
    references: np.ndarray
    bins: np.ndarray

    def __len__(self) -> int:
        return len(self.bins)


def open_shard(folder: Path) -> Examples:
    """A shard that `make_shard` wrote."""
    return Examples(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _NAMES))


def make_shard(
    folder: Path,
    songs: Sequence[Song],
    n: int,
    seed: Sequence[int],
    profile: Profile,
    varying: Varying,
) -> None:
    """Write a shard; it appears under its name only when it is whole.

    Args:
        folder: Left alone when it exists.
        songs: To draw from.
        n: Count of examples.
        seed: The same numbers and songs give the same examples.
        profile: Windows.
        varying: How much examples vary.
    """
    if folder.exists():
        return
    rng = np.random.default_rng(seed)
    cues = Cues(StreamSpec(profile, SAMPLE_RATE, 2, STEMS))
    parts = []
    for start in range(0, n, _AT_ONCE):
        count = min(_AT_ONCE, n - start)
        spectra = [draw_spectra(rng, songs, varying, profile) for _ in range(count)]
        others = profile.n_bins - N_LOW
        bins = [np.sort(rng.choice(others, N_CHOSEN, replace=False)) for _ in range(count)]
        low = np.arange(N_LOW)
        parts.append(
            _compute(cues, torch.stack(spectra), np.stack([np.r_[low, N_LOW + b] for b in bins]))
        )
    unfinished = folder.with_name(f"{folder.name}.part{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for k, name in enumerate(_NAMES):
        np.save(unfinished / f"{name}.npy", np.concatenate([part[k] for part in parts]))
    unfinished.rename(folder)


@torch.inference_mode()
def _compute(cues: Cues, spectra: torch.Tensor, bins: np.ndarray) -> tuple[np.ndarray, ...]:
    """The arrays of `Examples` for spectra [n, targets, 2, bins, frames] and bins [n, kept]."""
    mixture = spectra.sum(dim=1)
    kept = torch.from_numpy(bins)
    state, features, bands = cues.init_state(len(bins)), [], []
    for part in mixture.split(_FRAMES_AT_ONCE, dim=-1):
        frames, state = cues.step(part, state)
        index = kept[:, None, :, None].expand(-1, frames.bins.shape[1], -1, part.shape[-1])
        features.append(frames.bins.gather(2, index).permute(0, 3, 2, 1).half())
        bands.append(frames.bands.permute(0, 3, 2, 1).half())
    scale = 1.0 / (mixture.abs().square().mean(dim=(1, 2, 3)) + 1e-12)
    x = torch.stack([m[:, b] for m, b in zip(mixture, kept, strict=True)])
    s = torch.stack([m[:, :, b] for m, b in zip(spectra, kept, strict=True)])
    power = scale[:, None, None] * x.abs().square().sum(dim=1)
    cross = scale[:, None, None, None] * (x[:, None].conj() * s).real.sum(dim=2)
    references = scale[:, None, None, None] * s.abs().square().sum(dim=2)
    return (
        torch.cat(features, 1).numpy(),
        torch.cat(bands, 1).numpy(),
        power.sqrt().transpose(1, 2).half().numpy(),
        (cross.sign() * cross.abs().sqrt()).permute(0, 3, 1, 2).half().numpy(),
        references.sqrt().permute(0, 3, 1, 2).half().numpy(),
        bins.astype(np.int16),
    )
