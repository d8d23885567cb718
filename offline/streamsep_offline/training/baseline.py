"""The honest baseline: a generic causal Open-Unmix, trained with the same loss on the same songs.

It sees magnitudes of all bins and knows nothing of cues; examples are mixed as it learns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from streamsep.model import Model
from streamsep.models.open_unmix import OpenUnmix
from streamsep.models.open_unmix_masks import OpenUnmixMasks
from streamsep.models.open_unmix_random import max_bin_of
from streamsep.spec import Profile
from streamsep_offline.losses.level_aligned import PIECE_S, mask_loss
from streamsep_offline.training.examples import Varying, draw_spectra
from streamsep_offline.training.songs import SAMPLE_RATE, STEMS, Song

_N_LAYERS = 3
_CHECK_EVERY = 50
_STATISTICS = 16


class Baseline:
    """A causal Open-Unmix in training.

    Args:
        profile: Windows.
        hidden_size: Width of each stem's network.
        rate: Learning rate at the start; it falls along a cosine.
        seed: Of weights and examples.
        songs: To learn from.
        varying: How much examples vary.
    """

    def __init__(
        self,
        profile: Profile,
        hidden_size: int,
        rate: float,
        seed: int,
        songs: Sequence[Song],
        varying: Varying,
    ) -> None:
        torch.manual_seed(seed)
        self.profile, self.seed, self.songs, self.varying = profile, seed, songs, varying
        self.hidden_size, self.max_bin = hidden_size, max_bin_of(profile, SAMPLE_RATE)
        mean, deviation = self._statistics()
        networks = {
            name: OpenUnmix(
                profile.n_bins, 2, hidden_size, _N_LAYERS, True, mean, deviation, self.max_bin
            )
            for name in STEMS
        }
        self.module = OpenUnmixMasks(networks, len(STEMS), "softmax", 1.0)
        self.optimizer = torch.optim.AdamW(self.module.parameters(), lr=rate, weight_decay=1e-5)
        self.rate = rate

    def train(
        self, steps: int, batch: int, checkpoint: Path, report: Callable[[str], None]
    ) -> Model:
        """Train, or go on from the checkpoint; the exported model.

        Args:
            steps: Count of steps in all.
            batch: Examples per step.
            checkpoint: File to resume from.
            report: Called with a line now and then.
        """
        first = 0
        if checkpoint.is_file():
            memory = torch.load(checkpoint, weights_only=True)
            first = memory["step"]
            self.module.load_state_dict(memory["module"])
            self.optimizer.load_state_dict(memory["optimizer"])
        losses = []
        for step in range(first, steps):
            factor = max(0.02, 0.5 + 0.5 * float(np.cos(np.pi * step / steps)))
            self.optimizer.param_groups[0]["lr"] = self.rate * factor
            torch.manual_seed(self.seed + 7919 * (step + 1))
            self.module.train()
            loss = self._loss(step, batch)
            self.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
            self.optimizer.step()
            losses.append(float(loss.detach()))
            if (step + 1) % _CHECK_EVERY == 0 or step + 1 == steps:
                memory = {"step": step + 1, "module": self.module.state_dict()}
                torch.save({**memory, "optimizer": self.optimizer.state_dict()}, checkpoint)
                recent = losses[-_CHECK_EVERY:]
                report(f"baseline step {step + 1}: train {sum(recent) / len(recent):.3f} dB")
        return self.export()

    def export(self) -> Model:
        """The model of kind "open_unmix"."""
        weights = {
            f"{name}.{key}": w.detach().numpy().copy()
            for name, network in self.module.networks.items()
            for key, w in network.state_dict().items()
        }
        settings = {
            "hidden_size": self.hidden_size,
            "nb_layers": _N_LAYERS,
            "max_bin": self.max_bin,
            "networks": list(STEMS),
            "mask": "softmax",
            "exponent": 1.0,
        }
        return Model("open_unmix", self.profile, STEMS, 2, settings=settings, weights=weights)

    def _spectra(self, seed: Sequence[int], n: int) -> torch.Tensor:
        rng = np.random.default_rng(seed)
        drawn = [draw_spectra(rng, self.songs, self.varying, self.profile) for _ in range(n)]
        return torch.stack(drawn)

    def _statistics(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the mixture's magnitude in each bin."""
        magnitude = self._spectra((self.seed, 1, 0), _STATISTICS).sum(dim=1).abs()
        mean = magnitude.mean(dim=(0, 1, 3))
        deviation = magnitude.std(dim=(0, 1, 3))
        return mean.numpy(), deviation.clamp_min(1e-4 * float(deviation.max())).numpy()

    def _loss(self, step: int, batch: int) -> torch.Tensor:
        spectra = self._spectra((self.seed, 0, step), batch)
        mixture = spectra.sum(dim=1)
        masks = self.module.offline(mixture)
        scale = 1.0 / (mixture.abs().square().mean(dim=(1, 2, 3)) + 1e-12)

        # The two channels of a bin are two bins of one spectrum here.
        def flat(power: torch.Tensor) -> torch.Tensor:
            return (power * scale.view(-1, *[1] * (power.ndim - 1))).flatten(-3, -2).movedim(-1, 1)

        cross = (mixture[:, None].conj() * spectra).real
        weights = torch.ones(batch, 2 * self.profile.n_bins)
        pieces = round(PIECE_S * SAMPLE_RATE / self.profile.hop)
        return mask_loss(
            masks.flatten(-3, -2).movedim(-1, 1),
            flat(mixture.abs().square()),
            flat(cross),
            flat(spectra.abs().square()),
            weights,
            pieces,
        )
