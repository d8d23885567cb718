"""Official and own Open-Unmix networks behind the pipeline's `Estimator`: magnitudes of all targets.

estimator = load_umx("umxhq")
magnitudes = estimator.magnitudes(spectra)  # [batch, targets, channels, bins, frames]
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from streamsep.errors import CheckpointError, ShapeError
from streamsep_offline.umx.digests import Record
from streamsep_offline.umx.fetch import is_fetched, models_folder
from streamsep_offline.umx.folder import UmxFolder, read_folder, targets_of
from streamsep_offline.umx.network import FoldedNetwork
from streamsep_offline.umx.registry import SETS

CONTEXT_FRAMES = 192
"""Frames on either side of a block: 4.5 s at a hop of 1024 and 44.1 kHz.

How long an LSTM remembers where it began depends on its weights alone: its forget gates keep a share of
the cell in each frame. Measured on real music is the energy of the difference to the magnitudes of the
whole song, over their mean energy, in every frame by its distance to the end of what the network sees.
Frames until it stays below -60 dB:

    11         weights as initialised, forget gates around 1/2
    42, 213    1 and 2 added to the biases of the forget gates
    37         drums, bidirectional, hidden size 128, hop 1024, 900 steps of Open-Unmix's training
    17, 20, 35 bass, drums and vocals, causal, hidden size 128, hop 512, 250 steps
    186        other, of the same training: harmonies last

The longest that was trained decides. The published weights were not at hand to be measured.
"""


class UmxEstimator:
    """Networks of a folder, an `Estimator`.

    Args:
        folder: What `read_folder` gave.
        name: For people.
        device: "cpu", "cuda" or "mps".

    Attributes:
        name: For people.
        targets: What it estimates.
        available: What its folder could estimate.
        sample_rate: Of the networks in Hz.
        channels: That they see. One hears the mean magnitude of all channels, as Open-Unmix does.
        n_fft: Window in samples.
        hop: Advance in samples.
        context_frames: See `CONTEXT_FRAMES`.
        device: Where it computes.
        licence: Of the weights, and where to read it; None where it is not known.
        is_commercial: Whether the licence allows commercial use, as far as it is known.
    """

    context_frames = CONTEXT_FRAMES

    def __init__(self, folder: UmxFolder, name: str, device: str = "cpu") -> None:
        self.name, self.device = name, device
        self.targets, self.available = tuple(folder.networks), folder.available
        self.sample_rate, self.channels = folder.sample_rate, folder.channels
        self.n_fft, self.hop = folder.n_fft, folder.hop
        known = folder.known
        self.licence = known and f"{known.licence} ({known.licence_address})"
        self.is_commercial = known is None or known.is_commercial
        self._networks = [FoldedNetwork(n, device) for n in folder.networks.values()]

    @torch.inference_mode()
    def magnitudes(self, spectra: Tensor) -> Tensor:
        """Magnitudes of the targets; see `Estimator.magnitudes`.

        Fastest where the bins of a frame lie side by side in memory, as transforms make them, and so do
        those of the result. NaN and infinity count as 0.

        Args:
            spectra: complex64 [batch, channels, bins, frames]

        Returns:
            float32 [batch, targets, channels, bins, frames]; one channel where the networks see one.

        Raises:
            ShapeError: Channels or bins are not those of the networks.
        """
        bins = self.n_fft // 2 + 1
        if spectra.ndim != 4 or spectra.shape[2] != bins or not self._fits(spectra.shape[1]):
            raise ShapeError(
                f"spectra have shape {tuple(spectra.shape)}, expected [batch, {self.channels}, {bins}, "
                f"frames] for {self.name}; transform with n_fft={self.n_fft} and fit the channels"
            )
        x = spectra.transpose(2, 3).abs()
        if self.channels == 1:
            x = x.mean(1, keepdim=True)
        x = torch.nan_to_num(x, nan=0.0, posinf=0.0).contiguous()
        out = x.new_empty(x.shape[0], len(self._networks), *x.shape[1:])
        if x.numel():
            for index, network in enumerate(self._networks):
                network.estimate(x, out[:, index])
        return out.transpose(3, 4)

    def _fits(self, channels: int) -> bool:
        return channels == self.channels or (self.channels == 1 and channels > 0)


def load_umx(
    name_or_folder: str | Path, targets: Sequence[str] | None = None, device: str = "cpu"
) -> UmxEstimator:
    """Load networks by the name of a published set that was fetched, or by folder.

    Args:
        name_or_folder: "umxhq", "umx", "umxl", "umxse", or a folder; "./umxhq" is a folder.
        targets: Which targets; None is all.
        device: Where to compute.

    Raises:
        CheckpointError: The set was not fetched, its licence not accepted, or the folder is not right.
        ParameterError: A target is not there.
    """
    name, folder = _find(name_or_folder)
    return UmxEstimator(read_folder(folder, targets), name, device)


def umx_targets(name_or_folder: str | Path) -> tuple[str, ...]:
    """All targets of a set or folder, without reading weights.

    Raises:
        CheckpointError: As `load_umx`.
    """
    return targets_of(_find(name_or_folder)[1])


def _find(name_or_folder: str | Path) -> tuple[str, Path]:
    """Name and folder of a set that may be used, or of a folder."""
    model_set = SETS.get(os.fspath(name_or_folder))
    if model_set is None:
        folder = Path(name_or_folder)
        return folder.resolve().name, folder
    folder = models_folder() / model_set.name
    if not is_fetched(model_set, folder):
        raise CheckpointError(
            f"'{model_set.name}' is not in {folder}; run 'streamsep models get {model_set.name}'"
        )
    if not model_set.is_commercial and Record.read(folder).accepted != model_set.licence:
        raise CheckpointError(
            f"'{model_set.name}' is for non-commercial use only ({model_set.licence}, "
            f"{model_set.licence_address}) and its licence was not accepted here; run "
            f"'streamsep models get {model_set.name}'"
        )
    return model_set.name, folder
